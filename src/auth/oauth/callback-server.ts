import type { ServerResponse } from 'node:http';
import { deferred } from '../../shared/concurrency.ts';
import type { Certificate } from '../../shared/loopback/certificate.ts';
import {
  acceptRequest,
  type ListenTexts,
  listenAtEndpoint,
  redirect,
  reply,
  replyExplanation,
  replyPage,
} from '../http.ts';
import type { LoopbackEndpoint } from '../redirect-uri.ts';
import {
  type AuthorizationRequest,
  type AuthorizationResponse,
  type InvalidResponse,
  parseAuthorizationResponse,
} from './authorization.ts';
import { resultPage } from './result-page.ts';

const OLD_TAB =
  'It changed nothing. channelctl is waiting for a newer sign-in: close this tab, and continue in the newest one or at the URL in the terminal.';
const RESULT_PAGE_TIMEOUT_MS = 1_000;

export interface CallbackServer {
  /** Resolves to the first valid authorization response. Other requests have no effect. */
  authorization: Promise<AuthorizationResponse>;
  /**
   * Resolves when the server is closed: after the browser has loaded the result page, or on a
   * timeout.
   */
  resultPageSent: Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts a server that waits for the OAuth callback at the redirect URI, and then redirects the
 * browser to a result page at a different path. This removes the code from the address bar and the
 * history.
 *
 * @param resultId an unguessable ID, so that only the browser that sent the callback can load the
 *   result page
 * @throws ChannelctlError as `listenAtEndpoint` does
 */
export async function startCallbackServer(
  authorization: AuthorizationRequest,
  endpoint: LoopbackEndpoint,
  certificate: Certificate | null,
  resultId: string,
  texts: ListenTexts,
): Promise<CallbackServer> {
  const { path } = authorization.redirect;
  const resultPath = `${path.replace(/\/$/, '')}/done/${resultId}`;
  const first = deferred<AuthorizationResponse>();
  const resultPageSent = deferred<void>();
  let accepted: AuthorizationResponse | null = null;
  let timer: NodeJS.Timeout | undefined;
  let isOldTabReported = false;

  const rejectCallback = (
    { reason, isFromOtherSignIn }: InvalidResponse,
    response: ServerResponse,
  ) => {
    if (!isFromOtherSignIn) {
      const text = `${reason} channelctl is still waiting: sign in again at the URL in the terminal.`;
      replyExplanation(response, 400, 'This is not a complete callback', text);
      return;
    }
    replyExplanation(response, 400, 'This tab belongs to another sign-in', OLD_TAB);
    if (isOldTabReported) return;
    isOldTabReported = true;
    texts.print(
      `The browser sent the callback of another sign-in, probably from an older tab; it was ignored. Continue in the newest tab, or open the URL above again.`,
    );
  };

  const handleCallback = (query: URLSearchParams, response: ServerResponse) => {
    const parsed = parseAuthorizationResponse(query, authorization.state);
    if (parsed.kind === 'invalid') {
      rejectCallback(parsed, response);
    } else if (accepted !== null) {
      const text = 'Return to the terminal. You can close this tab.';
      replyExplanation(response, 410, 'This sign-in is already complete', text);
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
        reply(response, 404, 'Not found.');
      } else {
        request.socket.once('close', close);
        replyPage(response, resultPage(accepted, authorization.provider));
      }
    },
    texts,
  );

  const close = async () => {
    clearTimeout(timer);
    await server.close();
    resultPageSent.resolve();
  };

  return { authorization: first.promise, resultPageSent: resultPageSent.promise, close };
}
