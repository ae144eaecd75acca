import type { ChalkInstance } from 'chalk';

/** The few ways in which text stands out. Without colour each gives its text back unchanged. */
export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  /** What is asked, or chosen among others. */
  accent(text: string): string;
  success(text: string): string;
  warning(text: string): string;
  error(text: string): string;
}

const PLAIN: Style = {
  bold: (text) => text,
  dim: (text) => text,
  accent: (text) => text,
  success: (text) => text,
  warning: (text) => text,
  error: (text) => text,
};

export interface ColourWishes {
  /** Whether the stream is a terminal. */
  terminal: boolean;
  /** `--no-color` was given. */
  refused: boolean;
  env: Readonly<Record<string, string | undefined>>;
}

/** Whether to colour: `--no-color`, then FORCE_COLOR, then NO_COLOR, then whether it is a terminal. */
function wantsColour({ terminal, refused, env }: ColourWishes): boolean {
  if (refused) return false;
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false';
  if (env.NO_COLOR) return false;
  return terminal && env.TERM !== 'dumb';
}

/** The style for one stream; chalk is loaded only where there will be colour. */
export async function styleFor(wishes: ColourWishes): Promise<Style> {
  if (!wantsColour(wishes)) return PLAIN;
  const { Chalk } = await import('chalk');
  const chalk: ChalkInstance = new Chalk({ level: 1 });
  return {
    bold: (text) => chalk.bold(text),
    dim: (text) => chalk.dim(text),
    accent: (text) => chalk.cyan(text),
    success: (text) => chalk.green(text),
    warning: (text) => chalk.yellow(text),
    error: (text) => chalk.red(text),
  };
}
