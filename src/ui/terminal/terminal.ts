import type { Style } from '../output/style.ts';

/** A line of a list to choose from. */
export interface Choice {
  value: string;
  /** Shown and searched. */
  label: string;
  /** Shown after the label. */
  note?: string;
  /** Why it can't be chosen, shown in full at the pointer. The note is the short form. */
  disabled?: string;
  checked?: boolean;
}

/** A progress line, shown on a terminal only. */
export interface Progress {
  update(text: string): void;
  stop(): void;
}

/** The terminal of the user, if there is one. Everything is printed on stderr. */
export interface Terminal {
  /**
   * Whether prompts are possible: stdin and stderr are terminals, and neither a flag nor CI forbids
   * them.
   */
  readonly interactive: boolean;
  /** The text style of stderr. */
  readonly style: Style;
  /** Prints one line, with `--quiet` too. */
  print(line: string): void;
  /** The same for a line that is redacted already and must stay unchanged. */
  printRaw(line: string): void;
  /** Prints one line on a terminal; nothing otherwise. */
  hint(line: string): void;
  progress(text: string): Progress;
  confirm(question: string): Promise<boolean>;
  askText(question: string, options: { initial?: string; secret?: boolean }): Promise<string>;
  chooseOne(question: string, choices: readonly Choice[]): Promise<string>;
  chooseMany(question: string, choices: readonly Choice[]): Promise<string[]>;
  /** Lines from stdin, until it ends or `signal` is aborted. */
  lines(signal: AbortSignal): AsyncIterable<string>;
  /** All of stdin. */
  readAll(): Promise<string>;
}
