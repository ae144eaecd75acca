export interface CommandLine {
  before: readonly string[];
  current: string;
  /** The current word with its quotes; null if the shell has removed them. */
  quoted: string | null;
}

/**
 * Parses the arguments that a completion script passes: `--line <line>`, or the words, with a colon
 * in front of the current one.
 */
export function readCommandLine(args: readonly string[]): CommandLine {
  if (args[0] === '--line') return parseLine(args[1] ?? '');
  const before = args.slice(0, -1).filter((word) => word !== '');
  return { before, current: (args.at(-1) ?? ':').slice(1), quoted: null };
}

/** Splits a line into words as a POSIX shell does, without the program's name. */
function parseLine(line: string): CommandLine {
  const words = [...line.matchAll(/(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"?|'[^']*'?)+/gs)];
  const parts = words.map(([word]) => word.replace(/\\(.)|["']/gs, '$1'));
  const isOpen = words.length > 0 && !/(?<!\\)\s$/.test(line);
  return isOpen
    ? { before: parts.slice(1, -1), current: parts.at(-1) ?? '', quoted: words.at(-1)?.[0] ?? '' }
    : { before: parts.slice(1), current: '', quoted: '' };
}
