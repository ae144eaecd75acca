import { isSecretParameter } from '../../shared/foreign/patterns.ts';
import { sanitize } from '../../shared/foreign/sanitize.ts';
import { isObject } from '../../shared/json.ts';
import { parseJsonKeepingDigits } from '../../shared/parse-json.ts';
import { REPLACEMENT, type Redactor } from '../../shared/redactor.ts';
import { isSecretKey } from '../../shared/secrets.ts';
import { stripControlCharacters } from '../../shared/text.ts';
import { type CallRequest, encodeFields, type Fields } from '../http/request.ts';
import type { HttpResponse } from '../http/transport.ts';
import { maskSecrets } from './masking.ts';

/**
 * Adds the secrets in each request and response to the redactor and, with `--debug`, prints both
 * with the secrets masked.
 */
export interface Trace {
  sent(call: CallRequest, proxyHost: string | null): void;
  received(response: HttpResponse, milliseconds: number): void;
  receivedBatch(response: HttpResponse, milliseconds: number): void;
  receivedInBatch(response: HttpResponse, subject: string): void;
  failed(code: string, milliseconds: number): void;
}

const MAX_SHOWN_LENGTH = 4_000;

/**
 * The maximum number of characters of a body that are searched for secrets. The rest is never
 * printed.
 */
const MAX_SEARCHED_LENGTH = 400_000;

const SHOWN_HEADERS = ['retry-after', 'x-app-usage', 'x-business-use-case-usage'];

export function createTrace(
  redactor: Redactor,
  debug: ((line: string) => void) | undefined,
): Trace {
  const onSecret = (secret: string) => redactor.add(secret);
  const mask = (fields: Fields) => maskSecrets(fields, isSecretParameter, onSecret);
  const ownText = (text: string) => redactor.redact(stripControlCharacters(redactor.redact(text)));
  const line = (text: string) => debug?.(ownText(text));
  const body = (mark: string, text: string, clean: (text: string) => string) => {
    if (text === '') return;
    const shown = clean(text.slice(0, MAX_SEARCHED_LENGTH));
    const rest = text.length > MAX_SEARCHED_LENGTH || shown.length > MAX_SHOWN_LENGTH ? ' …' : '';
    debug?.(`${mark} ${shown.slice(0, MAX_SHOWN_LENGTH)}${rest}`);
  };
  const received = (response: HttpResponse, note: string) => {
    const text = maskedText(response.text, onSecret);
    if (debug === undefined) return;
    line(`< ${response.status} ${note}`);
    for (const name of SHOWN_HEADERS) {
      const value = response.headers.get(name);
      if (value !== null) debug(`< ${name}: ${sanitize(value, redactor)}`);
    }
    body('<', text, (response) => sanitize(response, redactor));
  };
  return {
    sent(call, proxyHost) {
      if (call.token !== null) onSecret(call.token);
      const query = mask(call.query);
      const fields = call.body === null ? null : mask(call.body.fields);
      if (debug === undefined) return;
      line(`> ${call.method} ${call.url}${queryText(query)}`);
      if (proxyHost !== null) line(`> via proxy ${proxyHost}`);
      if (call.token !== null) line(`> Authorization: Bearer ${REPLACEMENT}`);
      if (fields !== null) body('>', JSON.stringify(fields), ownText);
    },
    received: (response, milliseconds) => received(response, `(${milliseconds} ms)`),
    receivedBatch(response, milliseconds) {
      const isList = response.text.startsWith('[');
      received(isList ? { ...response, text: '' } : response, `(${milliseconds} ms)`);
    },
    receivedInBatch: (response, subject) => received(response, `(${subject})`),
    failed(code, milliseconds) {
      line(`< no response: ${code} (${milliseconds} ms)`);
    },
  };
}

function queryText(query: unknown): string {
  if (!isObject(query) || Object.keys(query).length === 0) return '';
  return `?${encodeFields(query).toString().replaceAll(encodeURIComponent(REPLACEMENT), REPLACEMENT)}`;
}

function maskedText(text: string, onSecret: (secret: string) => void): string {
  try {
    return JSON.stringify(maskSecrets(parseJsonKeepingDigits(text), isSecretKey, onSecret));
  } catch {
    return text;
  }
}
