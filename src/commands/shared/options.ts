export type Declaration =
  | string
  | {
      description: string;
      choices?: readonly string[];
      default?: string;
      isRepeatable?: true;
      isRequired?: true;
      isHidden?: true;
    };

/** Required arguments are declared as `<name>`, optional ones as `[name]`. */
export type ArgumentDeclarations = Readonly<Record<`<${string}>` | `[${string}]`, Declaration>>;

/**
 * Declarations, keyed by flags in Commander's syntax: `--all`, `--no-input`, `--port <number>`,
 * `-f, --file <path>`.
 */
export type OptionDeclarations = Readonly<
  Record<`--${string}` | `-${string}, --${string}`, Declaration>
>;

/** The values of options and arguments, by name: `--division-id <id>` becomes `divisionId`. */
export type OptionsOf<Options, Arguments = unknown> = Simplify<
  {
    [Flags in keyof Options as IsAlwaysSet<Flags, Options[Flags]> extends true
      ? OptionName<Flags>
      : never]: OptionValue<Flags, Options[Flags]>;
  } & {
    [Flags in keyof Options as IsAlwaysSet<Flags, Options[Flags]> extends true
      ? never
      : OptionName<Flags>]?: OptionValue<Flags, Options[Flags]>;
  } & {
    [Flags in keyof Arguments as Flags extends `<${infer Name}>` ? Name : never]: TextValue<
      Arguments[Flags]
    >;
  } & {
    [Flags in keyof Arguments as Flags extends `[${infer Name}]` ? Name : never]?: TextValue<
      Arguments[Flags]
    >;
  }
>;

type Simplify<Type> = { [Key in keyof Type]: Type[Key] };

type IsAlwaysSet<Flags, Declared> = Flags extends `--no-${string}`
  ? true
  : Declared extends { default: string } | { isRequired: true }
    ? true
    : false;

type OptionName<Flags> = Flags extends `--no-${infer Name}`
  ? CamelCase<Name>
  : Flags extends `${string}--${infer Name} ${string}`
    ? CamelCase<Name>
    : Flags extends `${string}--${infer Name}`
      ? CamelCase<Name>
      : never;

type CamelCase<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name;

type OptionValue<Flags, Declared> = Flags extends `${string} <${string}>`
  ? Declared extends { isRepeatable: true }
    ? string[]
    : TextValue<Declared>
  : boolean;

type TextValue<Declared> = Declared extends { choices: readonly (infer Choice)[] }
  ? Choice
  : string;
