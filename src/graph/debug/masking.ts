import { isObject, parseJsonKeepingDigits } from '../../shared/json.ts';
import { type Redactor, sanitize } from '../../shared/redactor.ts';
import { isSecretKey } from '../../shared/secrets.ts';

export const MASKED = '[redacted]';

export type OnSecret = (secret: string) => void;

/** Whether a request parameter is secret. An authorization code is secret until it expires. */
export function isSecretParameter(name: string): boolean {
  return isSecretKey(name) || name === 'code' || name === 'appsecret_proof';
}

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
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      const isText = (typeof inner === 'string' && inner !== '') || typeof inner === 'number';
      if (!isText || !isSecret(name)) return [name, maskSecrets(inner, isSecret, onSecret)];
      onSecret(String(inner));
      return [name, MASKED];
    }),
  );
}

function maskText(text: string, isSecret: (name: string) => boolean, onSecret: OnSecret): string {
  if (!/^\s*[[{]/.test(text)) return maskUrl(text, onSecret);
  try {
    return JSON.stringify(maskSecrets(parseJsonKeepingDigits(text), isSecret, onSecret));
  } catch {
    return maskUrl(text, onSecret);
  }
}

function maskUrl(text: string, onSecret: OnSecret): string {
  return text.replace(/([?&#]([\w.-]+)=)([^&#\s"'<>]+)/g, (whole, start: string, name, value) => {
    if (!isSecretParameter(name)) return whole;
    onSecret(value);
    onSecret(new URLSearchParams(`s=${value}`).get('s') ?? '');
    return start + MASKED;
  });
}

export function sanitizeResponseText(text: string, redactor: Redactor): string {
  return sanitize(
    maskUrl(text, (secret) => redactor.add(secret)),
    redactor,
  );
}
