import type { Command } from 'commander';
import type { Format } from '../../shared/formats.ts';
import type { Role } from '../../shared/roles.ts';
import type { Style } from '../../shared/style.ts';
import type { ResultShape } from '../../ui/output/render.ts';
import type { Deps } from './command-context.ts';

/** What a command gives back. It prints nothing itself. */
export interface Outcome {
  /** The result, in the shape that the interface promises. */
  data: unknown;
  /** Set where the result stands but not all is well: some items failed, or a check found a problem. */
  kind?: 'graph' | 'unhealthy';
  /** The result in words, for a person who reads it as a table. */
  summary?: string | ((style: Style) => string);
  /** Makes the result anew: it then takes the place of this one, until the program is interrupted. */
  next?(): Promise<Outcome>;
  /** Printed in place of this result, each as it comes, until there is no more. */
  stream?: AsyncIterable<Outcome>;
  /** The keys of the result, where only the answer tells them. */
  fields?: readonly string[];
}

export interface Example {
  /** What follows `channelctl` on the command line. */
  line: string;
  about: string;
}

/** One verb of one noun: what it is called, what it takes, who may run it, and what it does. */
export interface Verb<Options = never> {
  /** One word, or two where verbs are grouped: `pin set`. */
  name: string;
  summary: string;
  /** The least role that may run it; `none` for a command that looks at no profile. */
  role: Role | 'none';
  /** Where there may be nothing to do that needs the role, `run` asks for it itself; `from` may look. */
  checksRole?: { from: Role };
  /** Whether it runs where the state can't be read, heeding what settings can be used. */
  toleratesCorruptState?: true;
  examples: readonly [Example, Example, ...Example[]];
  /** More that its help says, after the options. */
  notes?: string;
  /** It may depend on the options; wrong `--fields` are found before anything is done. */
  result: ResultShape | ((options: Options) => ResultShape);
  /** Adds arguments and options to the command line. */
  register?(command: Command): void;
  /** Does the work. `options` holds the options and, by their names, the arguments. */
  run(options: Options, deps: Deps): Promise<Outcome>;
}

/** A noun: its verbs are loaded when it is named, for start-up is felt at every call. */
export interface Noun {
  name: string;
  summary: string;
  verbs(): Promise<readonly Verb[]>;
}

/** A noun that says by itself what is to be done, such as `plan`. */
export interface LoneVerb {
  name: string;
  summary: string;
  verb(): Promise<Verb>;
}

/** The options that every command takes. */
export interface GlobalOptions {
  profile?: string;
  output?: Format;
  json?: boolean;
  fields?: string;
  input: boolean;
  yes?: boolean;
  quiet?: boolean;
  debug?: boolean;
  color: boolean;
}

/** Declares a verb, keeping the type of its options between `register` and `run`. */
export function defineVerb<Options>(verb: Verb<Options>): Verb {
  return verb;
}
