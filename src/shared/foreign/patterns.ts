import { REPLACEMENT } from '../redactor.ts';
import { isSecretKey } from '../secrets.ts';

export type OnSecret = (secret: string) => void;

const MAX_NAME_LENGTH = 64;

const EQUALS = /=|%3d/gi;

/** The value after an equals sign: quoted, or up to the next parameter, blank or quotation mark. */
const VALUE = /"([^"\\]+)"|'([^'\\]+)'|((?:[^&#\s"'<>\\]|\\(?!["']))+)/y;

/** A name and its value in JSON, which may be escaped because it is inside another string. */
const MEMBER = /("([\w.-]{1,64})\\{0,4}"\s{0,8}:\s{0,8})(?:(\\{0,4}")(?:[^"\\]|\\[^"])+|\d+)/g;

const AUTHORIZATION = /\b((?:bearer|basic|oauth)\s{1,4})([\w.~+/|=-]{12,})/gi;

const USER_PART = /(:\/\/[^\s/@:"'<>]{0,256}:)([^\s/@"'<>]{1,1024})@/g;

/** Whether a request parameter is secret. An authorization code is secret until it expires. */
export function isSecretParameter(name: string): boolean {
  return isSecretKey(name) || name === 'code' || name === 'appsecret_proof';
}

/**
 * Masks values that must be secrets, even if they are unknown: `access_token=…`, members of JSON,
 * `Bearer …`, and the password in a URL.
 */
export function maskPatterns(text: string, onSecret: OnSecret = () => {}): string {
  return maskPairs(text, onSecret)
    .replace(MEMBER, (whole, start: string, name: string, quote = '') =>
      isSecretKey(name) ? start + quote + REPLACEMENT : whole,
    )
    .replace(AUTHORIZATION, (whole, start: string, value: string) =>
      /\d|\p{Ll}\p{Lu}/u.test(value) ? start + REPLACEMENT : whole,
    )
    .replace(USER_PART, `$1${REPLACEMENT}@`);
}

/** Masks the values of secret names in `name=value`, also if it is part of an encoded URL. */
function maskPairs(text: string, onSecret: OnSecret): string {
  let result = '';
  let copied = 0;
  for (const { 0: sign, index } of text.matchAll(EQUALS)) {
    if (index < copied || !NAME_ENDINGS.includes(text.charAt(index - 1))) continue;
    const { name, isInUrl } = nameBefore(text, index);
    if (!isSecretParameter(name) || (name === 'code' && !isInUrl)) continue;
    const start = index + sign.length;
    VALUE.lastIndex = start;
    const whole = VALUE.exec(text)?.[0] ?? '';
    const value = sign === '=' ? whole : (whole.split(/%26/)[0] ?? '');
    if (value === '') continue;
    if (isInUrl) {
      onSecret(value);
      onSecret(new URLSearchParams(`s=${value}`).get('s') ?? '');
    }
    result += text.slice(copied, start) + REPLACEMENT;
    copied = start + value.length;
  }
  return result + text.slice(copied);
}

/** The last characters of the names that `isSecretParameter` accepts. */
const NAME_ENDINGS = [...'tnderyfTNDERYF_.-'];

function nameBefore(text: string, end: number): { name: string; isInUrl: boolean } {
  let start = end;
  const least = Math.max(0, end - MAX_NAME_LENGTH);
  while (start > least && /[\w.-]/.test(text.charAt(start - 1))) start -= 1;
  const name = text.slice(start, end);
  const separator = text.charAt(start - 1);
  // The separator may be encoded: %3F, %26 or %23.
  if (separator === '%') return { name: name.slice(2), isInUrl: /^(?:3f|2[36])/i.test(name) };
  return { name, isInUrl: '?&#'.includes(separator || ' ') };
}
