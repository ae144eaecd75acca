import { isLoopbackHost } from '../../shared/url.ts';

const TIMEOUT_MS = 5_000;

/** Meta's name for what calls webhook addresses. */
const USER_AGENT = 'facebookexternalua';

export const INVALID_CALLBACK_URL = 'Invalid callback URI format';

/** Why webhooks can't go to an address, in Meta's words; null where they can. */
export function callbackUrlError(address: string): string | null {
  if (!URL.canParse(address)) return INVALID_CALLBACK_URL;
  const { protocol, hostname } = new URL(address);
  const isSafe = protocol === 'https:' || (protocol === 'http:' && isLoopbackHost(hostname));
  return isSafe ? null : 'The callback URI must be HTTPS';
}

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
  const fault = callbackUrlError(address);
  if (fault !== null) return fault;
  const url = new URL(address);
  if (!isLoopbackHost(url.hostname)) return null;
  url.searchParams.set('hub.mode', 'subscribe');
  url.searchParams.set('hub.verify_token', verifyToken);
  url.searchParams.set('hub.challenge', challenge);
  try {
    const response = await fetch(url, {
      headers: { 'User-Agent': USER_AGENT },
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (response.status !== 200) return `HTTP Status Code = ${response.status}`;
    return (await response.text()) === challenge ? null : 'The answer is not the challenge';
  } catch {
    return 'Could not connect to the callback URI';
  }
}
