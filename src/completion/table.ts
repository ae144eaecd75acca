export type Values =
  | { from: 'list'; list: readonly string[] }
  | { from: 'before'; lists: Readonly<Record<string, readonly string[]>> }
  | { from: 'accounts' | 'profiles' | 'files' | 'nowhere' };

export interface OptionEntry {
  flags: readonly string[];
  about: string;
  /** Null if the option takes no value. */
  values: Values | null;
}

export interface CommandEntry {
  name: string;
  /** Another name, which is accepted but not suggested. */
  alias?: string;
  channel?: string;
  about: string;
  arguments: readonly Values[];
  options: readonly OptionEntry[];
  commands: readonly CommandEntry[];
}
