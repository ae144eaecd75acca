import { timingSafeEqual as areEqualBytes, createHash } from 'node:crypto';

/** Shows whether two tokens are the same, without showing them. Not for values that can be guessed. */
export function fingerprint(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** Whether two strings are equal. The time it takes shows neither where nor by what length they differ. */
export function timingSafeEqual(actual: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return areEqualBytes(digest(actual), digest(expected));
}
