import { maskPatterns, type OnSecret } from '../../shared/foreign/patterns.ts';
import { isObject } from '../../shared/json.ts';
import { parseJsonKeepingDigits } from '../../shared/parse-json.ts';
import { REPLACEMENT } from '../../shared/redactor.ts';

/**
 * Returns a copy of `value` with its secrets masked: the values of secret keys at any depth, even
 * in JSON within a string, and the secret parameters of URLs such as `paging.next`.
 */
export function maskSecrets(
  value: unknown,
  isSecret: (name: string) => boolean,
  onSecret: OnSecret,
): unknown {
  if (typeof value === 'string') return maskText(value, isSecret, onSecret);
  if (Array.isArray(value)) return value.map((item) => maskSecrets(item, isSecret, onSecret));
  if (!isObject(value)) return value;
  const maskSecret = (inner: unknown): unknown => {
    if (Array.isArray(inner)) return inner.map(maskSecret);
    const isText = (typeof inner === 'string' && inner !== '') || typeof inner === 'number';
    if (!isText) return maskSecrets(inner, isSecret, onSecret);
    onSecret(String(inner));
    return REPLACEMENT;
  };
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      isSecret(name) ? maskSecret(inner) : maskSecrets(inner, isSecret, onSecret),
    ]),
  );
}

function maskText(text: string, isSecret: (name: string) => boolean, onSecret: OnSecret): string {
  if (!/^\s*[[{]/.test(text)) return maskPatterns(text, onSecret);
  try {
    return JSON.stringify(maskSecrets(parseJsonKeepingDigits(text), isSecret, onSecret));
  } catch {
    return maskPatterns(text, onSecret);
  }
}
