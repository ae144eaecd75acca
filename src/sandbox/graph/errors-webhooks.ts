import { MetaError } from './errors.ts';

/** 2200: the address of an app-level subscription did not answer the handshake as it should. */
export function callbackVerificationFailed(reason: string): MetaError {
  return new MetaError(400, {
    message: `(#2200) Callback verification failed with the following errors: ${reason}`,
    type: 'OAuthException',
    code: 2200,
    is_transient: false,
  });
}
