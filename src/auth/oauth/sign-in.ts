import { randomBytes } from 'node:crypto';
import { ChannelctlError, cancelledError, systemCode } from '../../shared/errors.ts';
import { loadOrCreateCertificate } from '../../shared/loopback/certificate.ts';
import { type LoopbackEndpoint, parseRedirectUri } from '../redirect-uri.ts';
import { explainCertificateWarning, showUrl } from '../show-url.ts';
import type { SignInPorts, SignInRequest, SignInResult } from '../types.ts';
import { type WaitOptions, waitForFirst } from '../wait.ts';
import {
  type AuthorizationRequest,
  type AuthorizationResponse,
  authorizationCode,
  TESTER_HINT,
} from './authorization.ts';
import { startCallbackServer } from './callback-server.ts';
import { nothingPastedError, readPastedResponse } from './paste.ts';

const PASTE_HINT_DELAY_MS = 30_000;
/** Instagram shows this error on its own page and does not redirect to the callback. */
const INSTAGRAM_NOTE = `If Instagram shows "Insufficient developer role", the account has not accepted a tester role. ${TESTER_HINT}`;
const ALTERNATIVE = 'pass --manual to paste the callback URL';
const ALTERNATIVE_TO_PASTING = 'pass --code from a sign-in elsewhere';

/**
 * Runs one OAuth sign-in in the browser, from the authorization URL to the authorization code. A
 * callback server at the redirect URI receives the code, or the user pastes it if `manual` is set
 * or the redirect URI is on another machine.
 *
 * @throws ChannelctlError `usage` for an invalid redirect URI or pasted text, `conflict` for a port
 *   in use, `not_allowed` if access was denied, `graph` if the provider reports an error or the
 *   sign-in times out, `cancelled` if it is interrupted
 */
export async function signIn(request: SignInRequest, ports: SignInPorts): Promise<SignInResult> {
  if (ports.signal.aborted) throw cancelledError();
  const redirect = parseRedirectUri(request.redirectUri);
  const state = randomBytes(32).toString('base64url');
  const authorization: AuthorizationRequest = { provider: request.provider, redirect, state };
  return request.manual || redirect.loopback === null
    ? await signInByPaste(request, ports, authorization)
    : await signInByCallback(request, ports, authorization, redirect.loopback);
}

async function signInByCallback(
  request: SignInRequest,
  ports: SignInPorts,
  authorization: AuthorizationRequest,
  endpoint: LoopbackEndpoint,
): Promise<SignInResult> {
  const { origin, hostname } = authorization.redirect;
  const certificate = endpoint.secure
    ? await loadOrCreateCertificate(ports.certificateFolder, hostname, ports.now())
    : null;
  const resultId = randomBytes(16).toString('base64url');
  const server = await startCallbackServer(authorization, endpoint, certificate, resultId, {
    alternative: ALTERNATIVE,
    print: ports.print,
  });
  try {
    const { response, resultPageSent } = await waitForFirst(
      waitOptions(request, ports, ALTERNATIVE),
      (done) => {
        if (certificate !== null) {
          explainCertificateWarning(certificate, origin, 'After you sign in', ports);
        }
        showAuthorizationUrl(request, ports, authorization, done);
        return [
          server.authorization.then((response) => ({
            response,
            resultPageSent: server.resultPageSent,
          })),
          pastedWhileListening(ports, authorization, done).then((response) => ({
            response,
            resultPageSent: server.close(),
          })),
        ];
      },
    );
    // An error ends the program, so the browser must load the result page first.
    if (response.kind !== 'code') await resultPageSent;
    return { code: authorizationCode(response, request.provider), resultPageSent };
  } catch (error) {
    await server.close();
    throw error;
  }
}

async function signInByPaste(
  request: SignInRequest,
  ports: SignInPorts,
  authorization: AuthorizationRequest,
): Promise<SignInResult> {
  const { origin, path, hostname, loopback } = authorization.redirect;
  const options = waitOptions(request, ports, ALTERNATIVE_TO_PASTING);
  const response = await waitForFirst(options, (done) => {
    if (loopback === null) {
      ports.print(
        `redirect_uri points to ${hostname}, where channelctl cannot listen for the callback.`,
      );
    }
    showAuthorizationUrl(request, ports, authorization, done);
    ports.print(
      `After you sign in, the browser is redirected to a URL that begins with ${origin}${path}`,
    );
    ports.print('Paste the complete URL here, even if the browser shows an error page.');
    const lines = ports.pastedLines(done, true);
    return [
      lines === null
        ? Promise.reject(nothingPastedError(authorization))
        : readPastedResponse(lines, authorization, 'url or code', ports.print),
    ];
  });
  return {
    code: authorizationCode(response, request.provider),
    resultPageSent: Promise.resolve(),
  };
}

function waitOptions(
  { provider, timeoutSeconds }: SignInRequest,
  { signal }: SignInPorts,
  alternative: string,
): WaitOptions {
  return {
    subject: `the ${provider} sign-in`,
    timeoutSeconds,
    alternative,
    note: provider === 'Instagram' ? INSTAGRAM_NOTE : undefined,
    interrupt: signal,
  };
}

function showAuthorizationUrl(
  { provider, authorizationUrl, openBrowser, manual }: SignInRequest,
  ports: SignInPorts,
  { state }: AuthorizationRequest,
  done: AbortSignal,
): void {
  const url = authorizationUrl(state);
  const purpose = `to sign in to ${provider}`;
  showUrl({ url, purpose, openBrowser: openBrowser && !manual }, ports, done);
}

async function pastedWhileListening(
  ports: SignInPorts,
  authorization: AuthorizationRequest,
  done: AbortSignal,
): Promise<AuthorizationResponse> {
  const lines = ports.pastedLines(done, false);
  const timer = setTimeout(() => {
    ports.print(
      lines === null
        ? 'No callback yet. If the browser is on another machine, run the command again with --manual.'
        : 'No callback yet. If the browser shows an error page, paste its complete URL here.',
    );
  }, PASTE_HINT_DELAY_MS);
  done.addEventListener('abort', () => clearTimeout(timer), { once: true });
  try {
    if (lines !== null) return await readPastedResponse(lines, authorization, 'url', ports.print);
  } catch (error) {
    // The input has ended or the terminal is closed, but the browser may still send the callback.
    if (!(error instanceof ChannelctlError) && systemCode(error) === undefined) throw error;
  }
  return await new Promise<never>(() => {});
}
