import stringWidth from 'string-width';

const segmenter = new Intl.Segmenter();

/** Shortens a string to at most `width` columns, without splitting a grapheme. */
export function truncate(text: string, width: number): string {
  if (/^[\x20-\x7e]*$/.test(text)) {
    return text.length <= width ? text : `${text.slice(0, width - 1).trimEnd()}…`;
  }
  if (stringWidth(text) <= width) return text;
  let short = '';
  let room = width - 1;
  for (const { segment } of segmenter.segment(text)) {
    room -= stringWidth(segment);
    if (room < 0) break;
    short += segment;
  }
  return `${short.trimEnd()}…`;
}
