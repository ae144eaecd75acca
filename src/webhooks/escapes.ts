/**
 * The characters that Meta escapes in the body of a delivery. Source: Meta, "Messenger Platform,
 * Webhooks", which describes the signature over a body with lower-case Unicode escapes; an older
 * version also lists `/`, `<`, `%` and `@`.
 */
const ESCAPED = /[/<%@]|[^ -~]/g;

/** Escapes JSON as Meta does. Emoji become surrogate pairs. */
export function escapeLikeMeta(json: string): string {
  return json.replace(ESCAPED, (character) => {
    if (character === '/') return '\\/';
    if (character === '<') return '\\u003C';
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

export function withoutEscapedCharacters(json: string): string {
  return json.replace(ESCAPED, '');
}
