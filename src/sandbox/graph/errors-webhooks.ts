import { Refusal } from './errors.ts';

/** 2200: the address of an app-level subscription did not answer the handshake as it should. */
export function webhookUnanswered(reason: string): Refusal {
  return new Refusal(400, {
    message: `(#2200) Callback verification failed with the following errors: ${reason}`,
    type: 'OAuthException',
    code: 2200,
    is_transient: false,
  });
}
