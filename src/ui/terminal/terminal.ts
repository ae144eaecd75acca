import type { Style } from '../output/style.ts';

/** A line of a list to choose from. */
export interface Choice {
  value: string;
  /** What is shown and searched. */
  label: string;
  /** Shown behind the label. */
  note?: string;
  /** Why it can't be chosen, told in full where the pointer is. The note says it in a word or two. */
  disabled?: string;
  checked?: boolean;
}

/** Shown while something takes a while, on a terminal only. */
export interface Progress {
  update(text: string): void;
  stop(): void;
}

/** The person at the terminal, if there is one. Everything is said and asked on stderr. */
export interface Terminal {
  /** Whether questions can be asked: stdin and stderr are terminals, and nothing forbids it. */
  readonly interactive: boolean;
  /** How text stands out there. */
  readonly style: Style;
  /** Prints one line, also when quiet. */
  print(line: string): void;
  /** The same for a line whose secrets were taken out already, where its form has to stay whole. */
  printRaw(line: string): void;
  /** Prints one line for a person at a terminal; nothing otherwise. */
  hint(line: string): void;
  progress(text: string): Progress;
  confirm(question: string): Promise<boolean>;
  askText(question: string, options: { initial?: string; secret?: boolean }): Promise<string>;
  chooseOne(question: string, choices: readonly Choice[]): Promise<string>;
  chooseMany(question: string, choices: readonly Choice[]): Promise<string[]>;
  /** Lines from stdin as they come, until it ends or `signal` is aborted. */
  lines(signal: AbortSignal): AsyncIterable<string>;
  /** All of stdin. */
  readAll(): Promise<string>;
}
