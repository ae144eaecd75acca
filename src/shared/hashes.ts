import { timingSafeEqual as areEqualBytes, createHash } from 'node:crypto';

/**
 * Returns a hash that identifies a token without revealing it. Do not use it for values that can be
 * guessed.
 */
export function fingerprint(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

export function timingSafeEqual(actual: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return areEqualBytes(digest(actual), digest(expected));
}
