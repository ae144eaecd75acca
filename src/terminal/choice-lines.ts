import stringWidth from 'string-width';
import type { Style } from '../shared/style.ts';
import { plainText } from '../shared/text.ts';
import type { Choice } from './terminal.ts';

export interface LineState {
  isActive: boolean;
  isChosen: boolean;
}

/** What precedes a label: pointer and box, each with a blank. */
const MARKS = 4;
const GAP = 2;

/**
 * Lays choices out as lines that fit a terminal: labels in one column, what is known of them
 * behind it. Every choice takes one line, so that a list has the height it is meant to have.
 *
 * @param columns of the terminal; the last one stays free, for some terminals wrap there
 */
export function choiceLines(
  choices: readonly Choice[],
  columns: number,
  style: Style,
): (choice: Choice, state: LineState) => string {
  const room = Math.max(columns - 1 - MARKS - GAP, 2);
  const widest = (texts: readonly string[]) =>
    Math.max(0, ...texts.map((text) => stringWidth(text)));
  const notes = widest(choices.map(({ note }) => plainText(note ?? '')));
  const labels = widest(choices.map(({ label }) => plainText(label)));
  const labelWidth = Math.min(labels, Math.max(room - notes, Math.ceil(room / 2)));

  return (choice, { isActive, isChosen }) => {
    const pointer = isActive ? style.accent('❯') : ' ';
    const name = plainText(choice.label);
    const note = plainText(choice.note ?? '');
    if (choice.disabled !== undefined) {
      const label = cut(name, Math.ceil(room / 2)); // The reason matters more than the columns.
      const behind = cut(`${plainText(choice.disabled)} · ${note}`, room - stringWidth(label));
      return `${pointer} ${style.dim(`– ${label}`)}  ${style.caution(behind)}`;
    }
    const box = isChosen ? style.good('◉') : '◯';
    const label = padded(cut(name, labelWidth), labelWidth);
    const behind = style.dim(cut(note, room - labelWidth));
    return `${pointer} ${box} ${isActive ? style.accent(label) : label}  ${behind}`;
  };
}

function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - stringWidth(text)));
}

/** Shortens a text to `width` columns; no character that people see as one is cut in two. */
export function cut(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let short = '';
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (stringWidth(short + segment) > width - 1) break;
    short += segment;
  }
  return `${short.trimEnd()}…`;
}
