const MAX_WIDTH = 80;

/** @param columns the width of the terminal; undefined if the output is not a terminal */
export function layoutFor(columns) {
  const width = Math.min(columns || MAX_WIDTH, MAX_WIDTH);
  return {
    /** Wraps words; the lines after the first are indented. */
    wrap: (text, indent = '  ') => wrapWords(text.split(' '), width, indent, '').join('\n'),
    /** Wraps a command, before options if possible, so that a shell still accepts it. */
    command(text) {
      const parts = text.split(/ (?=-)/).flatMap((part) => {
        const isTooLong = part.length > width - '     \\'.length;
        return isTooLong ? part.split(' ') : [part];
      });
      return wrapWords(parts, width, '    ', ' \\').join('\n');
    },
    cut: (line) => cutLine(line.trimEnd(), width),
  };
}

function wrapWords(words, width, indent, continuation) {
  const lines = [];
  let line = words[0] ?? '';
  for (const [index, word] of words.entries()) {
    if (index === 0) continue;
    const isLast = index === words.length - 1;
    const room = width - (isLast ? 0 : continuation.length);
    if (line.length + 1 + word.length <= room) line += ` ${word}`;
    else {
      lines.push(line + continuation);
      line = indent + word;
    }
  }
  return [...lines, line];
}

function cutLine(line, width) {
  const characters = Array.from(line);
  if (characters.length <= width) return line;
  const shown = characters.slice(0, width - 1).join('');
  return shown.endsWith(' ') ? `${shown.trimEnd()} …` : `${shown}…`;
}
