import type { ServerResponse } from 'node:http';
import { deferred } from '../../shared/concurrency.ts';
import type { Certificate } from '../../shared/loopback/certificate.ts';
import { acceptRequest, listenAtEndpoint, redirect, reply, replyPage } from '../http.ts';
import type { LoopbackEndpoint } from '../redirect-uri.ts';
import {
  type AuthorizationRequest,
  type AuthorizationResponse,
  parseAuthorizationResponse,
} from './authorization.ts';
import { resultPage } from './result-page.ts';

/** How long the browser has to load the result page after the callback. */
const RESULT_PAGE_TIMEOUT_MS = 1_000;

export interface CallbackServer {
  /** The first valid authorization response. No other request has an effect. */
  authorization: Promise<AuthorizationResponse>;
  /** Resolves once the browser has the result page, or on its timeout; the server is closed then. */
  resultPageSent: Promise<void>;
  /** Closes everything at once. */
  close(): Promise<void>;
}

/**
 * Waits for the OAuth callback at the redirect URI. The callback is redirected to a result page at
 * another path, which takes the code out of the address bar and the history.
 *
 * @param resultId unguessable, so that only the browser that sent the callback gets the result page
 * @param alternative as for `listenAtEndpoint`
 * @throws ChannelctlError as `listenAtEndpoint` does
 */
export async function startCallbackServer(
  authorization: AuthorizationRequest,
  endpoint: LoopbackEndpoint,
  certificate: Certificate | null,
  resultId: string,
  alternative: string,
): Promise<CallbackServer> {
  const { path } = authorization.redirect;
  const resultPath = `${path.replace(/\/$/, '')}/done/${resultId}`;
  const first = deferred<AuthorizationResponse>();
  const resultPageSent = deferred<void>();
  let accepted: AuthorizationResponse | null = null;
  let timer: NodeJS.Timeout | undefined;

  const handleCallback = (query: URLSearchParams, response: ServerResponse) => {
    const parsed = parseAuthorizationResponse(query, authorization.state);
    if (parsed.kind === 'invalid') {
      reply(response, 400, `This does not answer the sign-in. ${parsed.reason}`);
    } else if (accepted !== null) {
      reply(response, 410, 'This sign-in has been answered already.');
    } else {
      accepted = parsed;
      redirect(response, resultPath);
      timer = setTimeout(close, RESULT_PAGE_TIMEOUT_MS);
      first.resolve(parsed);
    }
  };

  const methods = { [path]: 'GET', [resultPath]: 'GET' };
  const server = await listenAtEndpoint(
    endpoint,
    certificate,
    (request, response) => {
      const target = acceptRequest(request, response, endpoint, methods);
      if (target === null) return;
      if (target.path === path) {
        handleCallback(target.query, response);
      } else if (accepted === null) {
        reply(response, 404, 'There is nothing here.');
      } else {
        request.socket.once('close', close);
        replyPage(response, resultPage(accepted, authorization.provider));
      }
    },
    alternative,
  );

  const close = async () => {
    clearTimeout(timer);
    await server.close();
    resultPageSent.resolve();
  };

  return { authorization: first.promise, resultPageSent: resultPageSent.promise, close };
}
