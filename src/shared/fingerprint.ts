import { createHash } from 'node:crypto';

/** Tells whether a token is the same as another one, and nothing else of it. Not for what could be guessed. */
export function fingerprint(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
