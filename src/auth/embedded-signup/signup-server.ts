import type { IncomingMessage, ServerResponse } from 'node:http';
import { deferred } from '../../shared/concurrency.ts';
import { timingSafeEqual } from '../../shared/hashes.ts';
import { readBody } from '../../shared/loopback/body.ts';
import type { Certificate } from '../../shared/loopback/certificate.ts';
import {
  acceptRequest,
  type ListenTexts,
  listenAtEndpoint,
  redirect,
  reply,
  replyExplanation,
  replyJson,
  replyPage,
} from '../http.ts';
import type { HtmlPage, ResultView } from '../page.ts';
import type { LoopbackEndpoint } from '../redirect-uri.ts';
import { parsePostedResult, type SignupResult } from './signup-result.ts';

const OLD_TAB =
  'It changed nothing. channelctl is waiting for a WhatsApp sign-up: close this tab, and continue in the newest one or at the URL in the terminal.';
const OLD_TAB_REPORT =
  'The browser sent a result from an older tab; it was ignored. Continue in the newest tab, or open the URL above again.';
const MAX_BODY_BYTES = 16 * 1024;
const RESULT_VIEW_TIMEOUT_MS = 1_000;

export interface SignupResultView extends ResultView {
  rows: readonly { name: string; value: string }[];
}

export interface SignupServer {
  /** The first valid result posted by the sign-up page. Other requests have no effect. */
  result: Promise<SignupResult>;
  showResult(view: SignupResultView): Promise<void>;
  close(): Promise<void>;
}

interface SignupServerOptions {
  path: string;
  endpoint: LoopbackEndpoint;
  certificate: Certificate;
  texts: ListenTexts;
  /** An unguessable token, so that only a page from this server can post a result. */
  csrfToken: string;
  page(resultPath: string): HtmlPage;
}

/**
 * Serves the sign-up page, which posts the result of Embedded Signup. The response to that request
 * is sent by `showResult`; until then, the page shows progress.
 *
 * @throws ChannelctlError as `listenAtEndpoint` does
 */
export async function startSignupServer(options: SignupServerOptions): Promise<SignupServer> {
  const { path, endpoint, certificate, texts, csrfToken, page } = options;
  const folder = path.replace(/\/$/, '');
  const resultPath = `${folder}/result`;
  const oldTabPath = `${folder}/older-tab`;
  const result = deferred<SignupResult>();
  let waiting: ServerResponse | null = null;
  let isOldTabReported = false;

  const reportOldTab = () => {
    if (!isOldTabReported) texts.print(OLD_TAB_REPORT);
    isOldTabReported = true;
  };

  const handlePage = (query: URLSearchParams, response: ServerResponse) => {
    if (waiting !== null) {
      const text = 'Return to the terminal. You can close this tab.';
      replyExplanation(response, 410, 'This sign-up is already complete', text);
    } else if (query.has('state')) {
      // The callback of a sign-in: the sign-up page passes its result without a redirect.
      reportOldTab();
      redirect(response, oldTabPath);
    } else if (query.size > 0) redirect(response, path);
    else {
      // The page must be able to access the Facebook window that it opens.
      const headers = { 'Cross-Origin-Opener-Policy': 'same-origin-allow-popups' };
      replyPage(response, page(resultPath), headers);
    }
  };

  const handleResult = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await readBody(request, MAX_BODY_BYTES);
    const posted = body === null ? null : parsePostedResult(body.toString('utf8'));
    if (body === null) reply(response, 413, 'The request body is too large.');
    else if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
      reply(response, 415, 'Only JSON is accepted.');
    } else if (posted === null) reply(response, 400, 'The request body is invalid.');
    else if (!timingSafeEqual(posted.csrfToken, csrfToken)) {
      reportOldTab();
      reply(response, 403, 'The request did not come from the page for this sign-up.');
    } else if (waiting !== null) reply(response, 410, 'This sign-up is already complete.');
    else {
      waiting = response;
      result.resolve(posted.result);
    }
  };

  const methods = { [path]: 'GET', [resultPath]: 'POST', [oldTabPath]: 'GET' };
  const server = await listenAtEndpoint(
    endpoint,
    certificate,
    (request, response) => {
      const target = acceptRequest(request, response, endpoint, methods);
      if (target === null) return;
      if (target.path === path) handlePage(target.query, response);
      else if (target.path === oldTabPath) {
        replyExplanation(response, 400, 'This tab belongs to another sign-in', OLD_TAB);
      }
      // This fails if the client disconnects before sending its complete body.
      else handleResult(request, response).catch(() => response.destroy());
    },
    texts,
  );

  return {
    result: result.promise,
    close: () => server.close(),
    async showResult(view) {
      if (waiting !== null) await sendView(waiting, view);
      await server.close();
    },
  };
}

async function sendView(response: ServerResponse, view: SignupResultView): Promise<void> {
  const { socket } = response;
  if (socket === null || socket.destroyed) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, RESULT_VIEW_TIMEOUT_MS);
    socket.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    replyJson(response, view);
  });
}
