/** A command line up to the cursor. */
export interface Words {
  before: readonly string[];
  /** The one that is being written; empty behind a space. */
  current: string;
}

/** From what a shell hands over: `--line <line>`, or the words, the current one behind a colon. */
export function readWords(args: readonly string[]): Words {
  if (args[0] === '--line') return ofLine(args[1] ?? '');
  const before = args.slice(0, -1).filter((word) => word !== '');
  return { before, current: (args.at(-1) ?? ':').slice(1) };
}

/** The words of a line behind the program's name, as a POSIX shell parts them. */
function ofLine(line: string): Words {
  const words = [...line.matchAll(/(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"?|'[^']*'?)+/gs)];
  const parts = words.map(([word]) => word.replace(/\\(.)|["']/gs, '$1'));
  const isOpen = words.length > 0 && !/(?<!\\)\s$/.test(line);
  return isOpen
    ? { before: parts.slice(1, -1), current: parts.at(-1) ?? '' }
    : { before: parts.slice(1), current: '' };
}
