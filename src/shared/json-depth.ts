export const QUOTE = 0x22;
const BACKSLASH = 0x5c;
export const [OPENING_BRACKET, CLOSING_BRACKET] = [0x5b, 0x5d];
export const [OPENING_BRACE, CLOSING_BRACE] = [0x7b, 0x7d];

/** Whether lists and objects in a JSON text are nested more than `levels` deep. */
export function isNestedDeeper(text: string, levels: number): boolean {
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
