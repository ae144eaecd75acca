import type { Style } from '../output/style.ts';
import { lineWidth, wrapText } from '../output/wrap.ts';

/** The mark in front of a question, and a space. */
const PREFIX_WIDTH = 2;
/** Room for "(y/N)" and an answer after a question. */
const SUFFIX_WIDTH = 8;
const MIN_WIDTH = 16;

/**
 * Returns the theme of Inquirer's prompts. The default theme ignores `--no-color`, and detects the
 * colour support of stdout although prompts are on stderr.
 *
 * @param question the last line of the question, as `fitQuestion` returns it
 * @param columns the width of the terminal
 */
export function promptTheme(style: Style, question = '', columns = Number.POSITIVE_INFINITY) {
  const room = columns - 1 - lineWidth(question.split('\n').at(-1) ?? '') - 1;
  // An answer that does not fit after the question is on the next line.
  const placed = (text: string) => (lineWidth(text) <= room ? text : `\n  ${text}`);
  return {
    prefix: { idle: style.accent('?'), done: style.success('✔') },
    style: {
      answer: (text: string) => placed(style.accent(text)),
      message: style.bold,
      error: (text: string) => style.error(wrapText(`> ${text}`, columns - 1, PREFIX_WIDTH)),
      defaultAnswer: (text: string) => placed(style.dim(`(${text})`)),
      help: style.dim,
      highlight: style.accent,
      key: (text: string) => style.accent(`<${text}>`),
    },
  };
}

/** Wraps a question at word boundaries, with room for the mark in front of it and an answer. */
export function fitQuestion(question: string, columns: number): string {
  const width = Math.max(columns - PREFIX_WIDTH - SUFFIX_WIDTH, MIN_WIDTH);
  return wrapText(question, width, PREFIX_WIDTH);
}
