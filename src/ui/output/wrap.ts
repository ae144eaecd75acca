import type { Output } from '../../shared/streams.ts';

const DEFAULT_COLUMNS = 80;

/**
 * Matches text that stays on one line, so that it can be copied: a command after a colon up to the
 * end of its clause, another command with its options, and an option with its value.
 */
const UNBREAKABLE =
  /(?<=: )channelctl .+?(?=,? (?:or|then|and) |, |; |\.? [A-Z]|\.?$)|channelctl [\w-]+(?: [a-z][\w-]+)?(?: --?[\w-]+| <[^>]+>)*|--[\w-]+[ =](?:<[^>]+>|\w+=\S+)/g;

/** The columns in front of the last one, each followed by at least two spaces. */
const LABEL = /^.*\S {2,}(?=\S)/;

/** If a message would be narrower, it is not aligned with the text after its label. */
const MIN_WIDTH = 40;
const NARROW_INDENT = 4;

const ESCAPES = /\p{Cc}\[[\d;]*m/gu;
const WIDE =
  /[\u1100-\u115f\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\u{1f300}-\u{1faff}]/gu;

/** Returns the width of the terminal in columns; undefined if the output is not a terminal. */
export function terminalWidth({ isTTY, columns }: Pick<Output, 'isTTY' | 'columns'>) {
  return isTTY === true ? columns || DEFAULT_COLUMNS : undefined;
}

/** Returns the width in columns of one line, which may contain colours. */
export function lineWidth(text: string): number {
  return text.replace(ESCAPES, '').replace(WIDE, '--').length;
}

/**
 * Wraps each line at word boundaries. A command, a URL or an ID is never broken, even if it is
 * longer than the line.
 *
 * @param width in columns; undefined if the text is not for a terminal, which leaves it unchanged
 * @param labelWidth the indent of further lines; by default, that of the text after the last gap of
 *   two spaces, if there is enough room
 */
export function wrapText(text: string, width: number | undefined, labelWidth?: number): string {
  if (width === undefined) return text;
  return text
    .split('\n')
    .map((line) => (lineWidth(line) <= width ? line : wrapLine(line, width, labelWidth)))
    .join('\n');
}

function wrapLine(line: string, width: number, labelWidth?: number): string {
  const plain = line.replace(ESCAPES, '');
  const indent = /^ */.exec(plain)?.[0].length ?? 0;
  const label = labelWidth ?? Math.max(LABEL.exec(plain)?.[0].length ?? 0, indent);
  const isNarrow = labelWidth === undefined && width - label < MIN_WIDTH;
  const hang = isNarrow ? Math.min(label, NARROW_INDENT) : label;
  const [first = '', ...columns] = line.slice(indent).split(/(?<=\S)( {2,})(?=\S)/);
  let text = ' '.repeat(isNarrow && label === indent ? hang : indent);
  const lines: string[] = [];
  const add = (gap: string, part: string) => {
    const next = text + gap + part;
    if (lineWidth(next) <= width || text.trim() === '') {
      text = next;
      return;
    }
    lines.push(text);
    const fits = hang + lineWidth(part) <= width;
    text = ' '.repeat(fits ? hang : Math.min(hang, NARROW_INDENT)) + part;
  };
  const addWords = (gap: string, words: string) => {
    const [start = '', ...others] = words.replace(UNBREAKABLE, keep).split(' ');
    add(gap, start);
    for (const word of others) add(' ', word);
  };
  addWords('', first);
  for (let index = 0; index < columns.length; index += 2) {
    const [gap = '', column = ''] = columns.slice(index);
    const isWhole = lineWidth(text + gap + column) <= width;
    if (!isWhole && isNarrow) {
      lines.push(text);
      text = ' '.repeat(hang);
      addWords('', column);
    } else addWords(gap, column);
  }
  return [...lines, text].join('\n').replaceAll(KEPT, ' ');
}

/** Takes the place of a space that must not become a line break. */
const KEPT = '\u00a0';

function keep(text: string): string {
  return text.replaceAll(' ', KEPT);
}
