import type { Style } from '../output/style.ts';

export interface Choice {
  value: string;
  label: string;
  note?: string;
  /**
   * The reason why the item cannot be selected, shown while it is highlighted. `note` contains a
   * short form.
   */
  disabled?: string;
  checked?: boolean;
}

export interface TextOptions {
  initial?: string;
  secret?: boolean;
  /** Returns why an answer is invalid, which is then asked again; undefined if it is valid. */
  check?(answer: string): string | undefined;
}

export interface Progress {
  update(text: string): void;
  stop(): void;
}

export interface Terminal {
  /**
   * Whether prompts are possible: stdin and stderr are terminals, and neither a flag nor CI
   * disables prompts.
   */
  readonly interactive: boolean;
  readonly style: Style;
  /** Prints one line, even with `--quiet`. */
  print(line: string): void;
  /** Prints one line without redacting it, for a line that is already redacted. */
  printRaw(line: string): void;
  /** Prints one line if stderr is a terminal, unless `--quiet` is set. */
  hint(line: string): void;
  progress(text: string): Progress;
  confirm(question: string): Promise<boolean>;
  askText(question: string, options: TextOptions): Promise<string>;
  chooseOne(question: string, choices: readonly Choice[]): Promise<string>;
  chooseMany(question: string, choices: readonly Choice[]): Promise<string[]>;
  /** Hides the progress line while another program uses the terminal. */
  lend<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Reads lines from stdin until it ends or `signal` is aborted. */
  lines(signal: AbortSignal): AsyncIterable<string>;
  /** @throws ChannelctlError `usage` if stdin is not valid UTF-8 */
  readAll(): Promise<string>;
}
