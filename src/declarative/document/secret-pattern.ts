/** The same last words as in `isSecretKey`. */
const LAST_WORDS = ['secret', 'token', 'password', 'passphrase', 'pin'];

/**
 * `isSecretKey` as a regular expression of JSON Schema, which knows neither a flag for the case of
 * letters nor a replacement: a word ends at `_`, `.` and `-`, and before a capital that follows a
 * small letter, so that within a word capitals can only come first.
 */
export const SECRET_KEY_PATTERN = `(?:${[...LAST_WORDS.map(lastWordPattern), keyPattern('private'), keyPattern('api')].join('|')})[_.-]*$`;

function lastWordPattern(word: string): string {
  const written = capitalizations(word);
  return `(?:^|[_.-])(?:${[word, ...written].join('|')})|\\p{Ll}(?:${written.join('|')})`;
}

/** `api_key`, `apiKey`, `API.KEY`, whatever precedes it. */
function keyPattern(kind: string): string {
  const whole = kind.toUpperCase();
  const key = capitalizations('key').join('|');
  const smallEnd = [kind, ...capitalizations(kind)].filter((word) => word !== whole).join('|');
  return `(?:${smallEnd})(?:[_.-]*(?:${key})|[_.-]+key)|${whole}[_.-]+(?:key|${key})`;
}

/** The word with one capital first, with two, and so on. */
function capitalizations(word: string): string[] {
  return [...word].map(
    (_, index) => word.slice(0, index + 1).toUpperCase() + word.slice(index + 1),
  );
}
