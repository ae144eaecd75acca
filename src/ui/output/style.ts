import type { ChalkInstance } from 'chalk';

export interface Style {
  bold(text: string): string;
  dim(text: string): string;
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

export interface ColourOptions {
  terminal: boolean;
  refused: boolean;
  env: Readonly<Record<string, string | undefined>>;
}

function wantsColour({ terminal, refused, env }: ColourOptions): boolean {
  if (refused) return false;
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false';
  if (env.NO_COLOR) return false;
  return terminal && env.TERM !== 'dumb';
}

/** Returns the style for a stream. Loads chalk only if colour is used. */
export async function styleFor(options: ColourOptions): Promise<Style> {
  if (!wantsColour(options)) return PLAIN;
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
