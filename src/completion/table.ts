/** Where the values of an argument or option come from. */
export type Values =
  | { from: 'list'; list: readonly string[] }
  /** By the argument before it. */
  | { from: 'before'; lists: Readonly<Record<string, readonly string[]>> }
  | { from: 'accounts' | 'profiles' | 'files' | 'nowhere' };

export interface OptionEntry {
  /** `-f` and `--field`. */
  flags: readonly string[];
  about: string;
  /** Null where it takes no value. */
  values: Values | null;
}

/** A command: what it takes, and the commands below it. */
export interface CommandEntry {
  name: string;
  /** The channel whose accounts the command works on, if it is one only. */
  channel?: string;
  about: string;
  arguments: readonly Values[];
  options: readonly OptionEntry[];
  commands: readonly CommandEntry[];
}
