export const QUOTE = 0x22;
const BACKSLASH = 0x5c;
export const [OPENING_BRACKET, CLOSING_BRACKET] = [0x5b, 0x5d];
export const [OPENING_BRACE, CLOSING_BRACE] = [0x7b, 0x7d];

/** This many lists and objects take about 100 MB, however deeply they are nested. */
const FEW = 500_000;

/**
 * Whether a JSON text would take too much memory when it is parsed, because its lists and objects
 * are nested more than `levels` deep.
 */
export function isTooDeepToParse(text: string, levels: number): boolean {
  return openingsIn(text) > FEW && isNestedDeeper(text, levels);
}

/** Counts brackets and braces, even in strings, which is much faster than a scan of the text. */
function openingsIn(text: string): number {
  let count = 0;
  for (const opening of ['[', '{']) {
    for (let at = text.indexOf(opening); at >= 0 && count <= FEW; count += 1) {
      at = text.indexOf(opening, at + 1);
    }
  }
  return count;
}

function isNestedDeeper(text: string, levels: number): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (character === QUOTE) at = endOfString(text, at);
    else if (character === OPENING_BRACKET || character === OPENING_BRACE) {
      depth += 1;
      if (depth > levels) return true;
    } else if (character === CLOSING_BRACKET || character === CLOSING_BRACE) depth -= 1;
  }
  return false;
}

/** Returns the position of the quotation mark that ends the string beginning at `start`. */
export function endOfString(text: string, start: number): number {
  let at = start + 1;
  for (; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (character === QUOTE) return at;
    if (character === BACKSLASH) at += 1;
  }
  return text.length;
}
