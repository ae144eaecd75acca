import { randomBytes } from 'node:crypto';
import { ChannelctlError, cancelledError, systemCode } from '../../shared/errors.ts';
import { loopbackCertificate } from '../../shared/loopback/certificate.ts';
import { type LoopbackEndpoint, parseRedirectUri } from '../redirect-uri.ts';
import { explainCertificate, showAddress } from '../show-url.ts';
import type { SignInAnswer, SignInPorts, SignInRequest } from '../types.ts';
import { type Patience, waitForFirst } from '../wait.ts';
import { type Attempt, type Callback, codeOf } from './callback.ts';
import { serveCallback } from './callback-server.ts';
import { nothingPasted, readPastes } from './paste.ts';

const PASTE_HINT_MS = 30_000;
const OTHER_WAY = 'paste the answer with --manual';

/**
 * One browser sign-in, from the login address to the code: through a listener at the redirect
 * address, or by paste where that is asked for or the redirect address is not this machine's.
 *
 * @throws ChannelctlError of kind `usage` for a redirect address or a paste that can't be used,
 *   `conflict` for a port that is taken, `not_allowed` where the person refused, `graph` where the
 *   login page reports an error or nobody answers in time, `cancelled` where it was interrupted
 */
export async function signIn(request: SignInRequest, ports: SignInPorts): Promise<SignInAnswer> {
  if (ports.signal.aborted) throw cancelledError();
  const redirect = parseRedirectUri(request.redirectUri);
  const state = randomBytes(32).toString('base64url');
  const attempt: Attempt = { provider: request.provider, redirect, state };
  return request.manual || redirect.loopback === null
    ? await signInByPaste(request, ports, attempt)
    : await signInByCallback(request, ports, attempt, redirect.loopback);
}

async function signInByCallback(
  request: SignInRequest,
  ports: SignInPorts,
  attempt: Attempt,
  endpoint: LoopbackEndpoint,
): Promise<SignInAnswer> {
  const certificate = endpoint.secure
    ? await loopbackCertificate(ports.certificateFolder, attempt.redirect.hostname, ports.now())
    : null;
  const resultId = randomBytes(16).toString('base64url');
  const server = await serveCallback(attempt, endpoint, certificate, resultId, OTHER_WAY);
  try {
    const { callback, settled } = await waitForFirst(patience(request), ports.signal, (over) => {
      if (certificate !== null) {
        explainCertificate(certificate, attempt.redirect.origin, 'At the end', ports);
      }
      showLogin(request, ports, attempt, over);
      return [
        server.callback.then((callback) => ({ callback, settled: server.delivered })),
        pasteMeanwhile(ports, attempt, over).then((callback) => ({
          callback,
          settled: server.close(),
        })),
      ];
    });
    // A failure ends the program, and the browser is to have its page before that.
    if (callback.kind !== 'code') await settled;
    return { code: codeOf(callback, request.provider), settled };
  } catch (error) {
    await server.close();
    throw error;
  }
}

async function signInByPaste(
  request: SignInRequest,
  ports: SignInPorts,
  attempt: Attempt,
): Promise<SignInAnswer> {
  const { origin, path, hostname, loopback } = attempt.redirect;
  const callback = await waitForFirst(patience(request), ports.signal, (over) => {
    if (loopback === null) {
      ports.print(`redirect_uri is on ${hostname}, where channelctl can't listen for the answer.`);
    }
    showLogin(request, ports, attempt, over);
    ports.print(
      `After signing in, the browser ends at an address that begins with ${origin}${path}`,
    );
    ports.print('Paste that whole address here, even if the browser shows no page there.');
    const lines = ports.pastedLines(over, true);
    return [
      lines === null
        ? Promise.reject(nothingPasted(attempt))
        : readPastes(lines, attempt, 'address or code', ports.print),
    ];
  });
  return { code: codeOf(callback, request.provider), settled: Promise.resolve() };
}

function patience({ provider, timeoutSeconds }: SignInRequest): Patience {
  return { what: `the sign-in at ${provider}`, timeoutSeconds, otherWay: OTHER_WAY };
}

function showLogin(
  { provider, loginAddress, openBrowser, manual }: SignInRequest,
  ports: SignInPorts,
  { state }: Attempt,
  over: AbortSignal,
): void {
  const address = loginAddress(state);
  const opens = openBrowser && !manual;
  showAddress({ address, purpose: `to sign in at ${provider}`, opens }, ports, over);
}

/** Takes a paste while the listener waits. Input that ends, or none at all, changes nothing. */
async function pasteMeanwhile(
  ports: SignInPorts,
  attempt: Attempt,
  over: AbortSignal,
): Promise<Callback> {
  const lines = ports.pastedLines(over, false);
  const timer = setTimeout(() => {
    ports.print(
      lines === null
        ? 'No answer yet. If the browser is on another machine, run this again with --manual.'
        : 'No answer yet. If the browser ended at a page it can’t show, paste its whole address here.',
    );
  }, PASTE_HINT_MS);
  over.addEventListener('abort', () => clearTimeout(timer), { once: true });
  try {
    if (lines !== null) return await readPastes(lines, attempt, 'address', ports.print);
  } catch (error) {
    // The input has ended or the terminal is gone; the browser may still answer.
    if (!(error instanceof ChannelctlError) && systemCode(error) === undefined) throw error;
  }
  return await new Promise<never>(() => {});
}
