/** Must match the words in `isSecretKey`. */
const LAST_WORDS = ['secret', 'token', 'password', 'passphrase', 'pin'];

/**
 * `isSecretKey` as a regular expression for JSON Schema, which supports neither a case-insensitive
 * flag nor a replacement. A word ends at `_`, `.` or `-`, or before a capital that follows a
 * lower-case letter, so capitals can appear only at the start of a word.
 */
export const SECRET_KEY_PATTERN = `(?:${[...LAST_WORDS.map(lastWordPattern), keyPattern('private'), keyPattern('api')].join('|')})[_.-]*$`;

function lastWordPattern(word: string): string {
  const written = capitalizations(word);
  return `(?:^|[_.-])(?:${[word, ...written].join('|')})|\\p{Ll}(?:${written.join('|')})`;
}

function keyPattern(kind: string): string {
  const whole = kind.toUpperCase();
  const key = capitalizations('key').join('|');
  const smallEnd = [kind, ...capitalizations(kind)].filter((word) => word !== whole).join('|');
  return `(?:${smallEnd})(?:[_.-]*(?:${key})|[_.-]+key)|${whole}[_.-]+(?:key|${key})`;
}

function capitalizations(word: string): string[] {
  return [...word].map(
    (_, index) => word.slice(0, index + 1).toUpperCase() + word.slice(index + 1),
  );
}
