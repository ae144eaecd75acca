import { COMMAND_GROUPS } from './registry.ts';

/** Wider lines are hard to read. */
const MAX_WIDTH = 100;
/** If the second column would be narrower, its text starts on the line below the term. */
const MIN_COLUMN_WIDTH = 24;
const STACKED_INDENT = 6;

/** An entry: two spaces, a term, at least two spaces, a description. */
const ENTRY = /^( {2}\S+(?: \S+)*)( {2,})(\S.*)$/;
const USAGE = /^(Usage: )(.*)$/;
const COMMENT = /^( {2}# )([A-Z].*)$/;

const NAMES = COMMAND_GROUPS.map((entry) =>
  'load' in entry ? `${entry.name}(?: <?[a-z]+>?)?` : entry.name,
);
/**
 * Matches text that is never broken across lines, such as a command with its options, or an option
 * with its value.
 */
const UNBREAKABLE = new RegExp(
  [
    `channelctl (?:help [\\w-]+|${NAMES.join('|')})(?: --?[\\w-]+| <[^>]+>)*`,
    '(?<=: )channelctl .+?(?=\\.(?: |$)|$)',
    '--?[\\w-]+[ =](?:<[^>]+>|\\w+=\\S+)',
    '\\[[^\\]]+\\]',
  ].join('|'),
  'g',
);

/**
 * Wraps help to the width of the terminal, up to `MAX_WIDTH`. Commands, URLs and IDs stay in one
 * piece, so that they can be copied.
 *
 * @param columns the width of the terminal
 */
export function wrapHelp(help: string, columns: number): string {
  const width = Math.min(columns, MAX_WIDTH);
  return help
    .split('\n')
    .flatMap((line) => wrapLine(line, width))
    .join('\n');
}

export function joinLines(text: string): string {
  return text.replace(/(?<=\S)\n(?=\S)/g, ' ');
}

function wrapLine(line: string, width: number): string[] {
  const [, usage, synopsis] = USAGE.exec(line) ?? [];
  if (usage !== undefined && synopsis !== undefined) {
    return hang(usage, wrap(synopsis, width - usage.length));
  }
  const [, comment, about] = COMMENT.exec(line) ?? [];
  if (comment !== undefined && about !== undefined) {
    return wrap(about, width - comment.length).map((text) => comment + text);
  }
  const [, term, gap, description] = ENTRY.exec(line) ?? [];
  if (term !== undefined && gap !== undefined && description !== undefined) {
    const column = term.length + gap.length;
    if (width - column >= MIN_COLUMN_WIDTH) {
      return hang(term + gap, wrap(description, width - column));
    }
    const lines = wrap(description, width - STACKED_INDENT);
    return [term, ...lines.map((text) => ' '.repeat(STACKED_INDENT) + text)];
  }
  return line.startsWith(' ') ? [line] : wrap(line, width);
}

function hang(lead: string, lines: readonly string[]): string[] {
  return lines.map((text, index) => (index === 0 ? lead : ' '.repeat(lead.length)) + text);
}

function wrap(text: string, width: number): string[] {
  const [first = '', ...rest] = unbreakableParts(text);
  const lines = [first];
  for (const part of rest) {
    const line = `${lines.at(-1)} ${part}`;
    if (line.length <= width) lines[lines.length - 1] = line;
    else lines.push(part);
  }
  return lines;
}

function unbreakableParts(text: string): string[] {
  const joined = text.replace(UNBREAKABLE, (match) => match.replaceAll(' ', '\u00a0'));
  return joined.split(' ').map((part) => part.replaceAll('\u00a0', ' '));
}
