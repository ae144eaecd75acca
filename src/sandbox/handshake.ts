import { isLoopbackHost } from '../shared/address.ts';

const TIME_LIMIT_MS = 5_000;

/**
 * Calls a webhook address as Meta does before it believes in it. An address that is not on this
 * machine is not called: the sandbox sends nothing elsewhere.
 *
 * @returns why it is refused; null where it is not
 */
export async function handshake(
  address: string,
  verifyToken: string,
  challenge: string,
): Promise<string | null> {
  if (!URL.canParse(address)) return 'Invalid callback URI format';
  const url = new URL(address);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopbackHost(url.hostname))) {
    return 'The callback URI must be HTTPS';
  }
  if (!isLoopbackHost(url.hostname)) return null;
  url.searchParams.set('hub.mode', 'subscribe');
  url.searchParams.set('hub.verify_token', verifyToken);
  url.searchParams.set('hub.challenge', challenge);
  try {
    const signal = AbortSignal.timeout(TIME_LIMIT_MS);
    const response = await fetch(url, { redirect: 'manual', signal });
    if (response.status !== 200) return `HTTP Status Code = ${response.status}`;
    const isRight = (await response.text()).trim() === challenge;
    return isRight ? null : 'The answer is not the challenge';
  } catch {
    return 'Could not connect to the callback URI';
  }
}
