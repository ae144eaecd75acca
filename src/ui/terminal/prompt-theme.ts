import type { Style } from '../output/style.ts';

/**
 * How inquirer's prompts look. Its own theme asks whether stdout takes colour; prompts are on
 * stderr, and `--no-color` is unknown to it.
 */
export function promptTheme(style: Style) {
  return {
    prefix: { idle: style.accent('?'), done: style.success('✔') },
    style: {
      answer: style.accent,
      message: style.bold,
      error: (text: string) => style.error(`> ${text}`),
      defaultAnswer: (text: string) => style.dim(`(${text})`),
      help: style.dim,
      highlight: style.accent,
      key: (text: string) => style.accent(`<${text}>`),
    },
  };
}
