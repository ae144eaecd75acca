import type { Style } from '../output/style.ts';

/**
 * The theme of inquirer's prompts. Its default theme checks whether stdout has colour, but prompts
 * are on stderr, and it does not know `--no-color`.
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
