import { MetaError } from './errors.ts';

/** The code exchange's refusals: it has no error codes, only words. */
export function codeExchangeError(message: string): MetaError {
  return new MetaError(400, { message, type: 'OAuthException', code: 400 });
}

/** What graph.instagram.com says of a token that can't be exchanged or refreshed. */
export function tokenExchangeError(code: number, message: string): MetaError {
  return new MetaError(400, { message, type: 'IGApiException', code });
}
