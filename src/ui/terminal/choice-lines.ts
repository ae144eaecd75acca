import stringWidth from 'string-width';
import { truncate } from '../../shared/cut.ts';
import { stripControlCharacters } from '../../shared/text.ts';
import type { Style } from '../output/style.ts';
import type { Choice } from './terminal.ts';

export interface LineState {
  isActive: boolean;
  isChosen: boolean;
}

/** Width of the pointer and the checkbox in front of a label, each followed by a space. */
const MARKS = 4;
const GAP = 2;

/** Minimum width of a label next to a long note; less on a narrow terminal. */
const MIN_LABEL_WIDTH = 16;

/**
 * Returns a function that formats a choice as exactly one line that fits the terminal, with labels
 * in one column and notes after it. A label that leaves no room for its note is truncated, and does
 * not widen the column.
 *
 * @param columns the width of the terminal; the last column stays free, because some terminals wrap
 *   a line that reaches it
 */
export function choiceLines(
  choices: readonly Choice[],
  columns: number,
  style: Style,
): (choice: Choice, state: LineState) => string {
  const room = Math.max(columns - 1 - MARKS - GAP, 2);
  const shortest = Math.min(MIN_LABEL_WIDTH, Math.ceil(room / 2));
  const forLabel = (note: string) => Math.max(room - stringWidth(note), shortest);
  const widths = choices
    .map(plainChoice)
    .map(({ label, note }) => ({ width: stringWidth(label), most: forLabel(note) }));
  const column = Math.max(0, ...widths.map(({ width, most }) => (width > most ? 0 : width)));

  return (choice, { isActive, isChosen }) => {
    const { label, note } = plainChoice(choice);
    const most = forLabel(note);
    const name = padded(truncate(label, most), Math.min(column, most));
    const shownNote = truncate(note, room - stringWidth(name));
    const pointer = isActive ? style.accent('❯') : ' ';
    if (choice.disabled !== undefined) {
      return `${pointer} ${style.dim(`– ${name}`)}  ${style.warning(shownNote)}`;
    }
    const box = isChosen ? style.success('◉') : '◯';
    return `${pointer} ${box} ${isActive ? style.accent(name) : name}  ${style.dim(shownNote)}`;
  };
}

function plainChoice({ label, note = '' }: Choice): { label: string; note: string } {
  return { label: stripControlCharacters(label), note: stripControlCharacters(note) };
}

function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - stringWidth(text)));
}
