import type { Style } from '../output/style.ts';

/**
 * Returns the theme of Inquirer's prompts. The default theme ignores `--no-color`, and detects the
 * colour support of stdout although prompts are on stderr.
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
