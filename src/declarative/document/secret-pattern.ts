/** The last words that make a key a secret, as `isSecretKey` has them. */
const LAST_WORDS = ['secret', 'token', 'password', 'passphrase', 'pin'];

/**
 * `isSecretKey` as a regular expression of JSON Schema, which knows neither a flag for the case of
 * letters nor a replacement: a word ends at `_`, `.` and `-`, and before a capital that follows a
 * small letter, so that within a word capitals can only come first.
 */
export const SECRET_KEY_PATTERN = `(?:${[...LAST_WORDS.map(lastWord), keyOf('private'), keyOf('api')].join('|')})[_.-]*$`;

function lastWord(word: string): string {
  const written = capitalized(word);
  return `(?:^|[_.-])(?:${[word, ...written].join('|')})|\\p{Ll}(?:${written.join('|')})`;
}

/** `api_key`, `apiKey`, `API.KEY`; whatever stands before it. */
function keyOf(kind: string): string {
  const whole = kind.toUpperCase();
  const key = capitalized('key').join('|');
  const smallEnd = [kind, ...capitalized(kind)].filter((word) => word !== whole).join('|');
  return `(?:${smallEnd})(?:[_.-]*(?:${key})|[_.-]+key)|${whole}[_.-]+(?:key|${key})`;
}

/** The word with one capital first, with two, and so on. */
function capitalized(word: string): string[] {
  return [...word].map(
    (_, index) => word.slice(0, index + 1).toUpperCase() + word.slice(index + 1),
  );
}
