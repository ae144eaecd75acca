import { Refusal } from './errors.ts';

/** The code exchange's refusals: it has no error codes, only words. */
export function exchangeRefused(message: string): Refusal {
  return new Refusal(400, { message, type: 'OAuthException', code: 400 });
}

/** What graph.instagram.com says of a token that can't be exchanged or refreshed. */
export function tokenUnfit(code: number, message: string): Refusal {
  return new Refusal(400, { message, type: 'IGApiException', code });
}
