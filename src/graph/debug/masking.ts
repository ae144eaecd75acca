import { isObject } from '../../shared/json.ts';
import { type Redactor, sanitize } from '../../shared/redactor.ts';
import { isSecretKey } from '../../shared/secrets.ts';

export const MASKED = '[redacted]';

/** A function that is called with each masked secret. */
export type OnSecret = (secret: string) => void;

/** Whether a request parameter is secret. An authorization code is secret until it expires. */
export function isSecretParameter(name: string): boolean {
  return isSecretKey(name) || name === 'code' || name === 'appsecret_proof';
}

/**
 * Returns a copy of `value` with its secrets masked: the values of secret keys at any depth, and
 * the secret parameters of URLs such as `paging.next`.
 */
export function maskSecrets(
  value: unknown,
  isSecret: (name: string) => boolean,
  onSecret: OnSecret,
): unknown {
  if (typeof value === 'string') return maskUrl(value, onSecret);
  if (Array.isArray(value)) return value.map((item) => maskSecrets(item, isSecret, onSecret));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      const isText = (typeof inner === 'string' && inner !== '') || typeof inner === 'number';
      if (!isText || !isSecret(name)) return [name, maskSecrets(inner, isSecret, onSecret)];
      onSecret(String(inner));
      return [name, MASKED];
    }),
  );
}

/** Masks the secret parameters of all URLs in a string. */
function maskUrl(text: string, onSecret: OnSecret): string {
  return text.replace(/([?&#]([\w.-]+)=)([^&#\s"'<>]+)/g, (whole, start: string, name, value) => {
    if (!isSecretParameter(name)) return whole;
    onSecret(value);
    onSecret(new URLSearchParams(`s=${value}`).get('s') ?? '');
    return start + MASKED;
  });
}

/** Makes text from a response safe to print, and masks the secrets in its URLs. */
export function sanitizeResponseText(text: string, redactor: Redactor): string {
  return sanitize(
    maskUrl(text, (secret) => redactor.add(secret)),
    redactor,
  );
}
