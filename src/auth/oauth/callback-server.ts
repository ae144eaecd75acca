import type { ServerResponse } from 'node:http';
import { deferred } from '../../shared/deferred.ts';
import type { Certificate } from '../../shared/loopback/certificate.ts';
import { admit, listenAtEndpoint, redirect, reply, replyPage } from '../http.ts';
import type { LoopbackEndpoint } from '../redirect-uri.ts';
import { type Attempt, type Callback, readCallback } from './callback.ts';
import { resultPage } from './result-page.ts';

/** How long the browser has to fetch its result page after the callback was answered. */
const RESULT_PAGE_MS = 1_000;

export interface CallbackServer {
  /** The first callback that answers the attempt. Everything else changes nothing. */
  callback: Promise<Callback>;
  /** Resolves once the browser has its result page, or a second after the callback; all is closed then. */
  delivered: Promise<void>;
  /** Closes everything at once. */
  close(): Promise<void>;
}

/**
 * Waits for the browser at the redirect address. The callback is answered with a redirect to a
 * page of its own, which takes the code out of the address bar and the history.
 *
 * @param resultId unguessable, so that only the browser that brought the callback gets its page
 * @param otherWay as for `listenAtEndpoint`
 * @throws ChannelctlError as `listenAtEndpoint` does
 */
export async function serveCallback(
  attempt: Attempt,
  endpoint: LoopbackEndpoint,
  certificate: Certificate | null,
  resultId: string,
  otherWay: string,
): Promise<CallbackServer> {
  const { path } = attempt.redirect;
  const resultPath = `${path.replace(/\/$/, '')}/done/${resultId}`;
  const first = deferred<Callback>();
  const delivered = deferred<void>();
  let taken: Callback | null = null;
  let timer: NodeJS.Timeout | undefined;

  const take = (callback: Callback, response: ServerResponse) => {
    taken = callback;
    redirect(response, resultPath);
    timer = setTimeout(close, RESULT_PAGE_MS);
    first.resolve(callback);
  };

  const answerCallback = (query: URLSearchParams, response: ServerResponse) => {
    const callback = readCallback(query, attempt.state);
    if (callback.kind === 'stray') {
      reply(response, 400, `This does not answer the sign-in. ${callback.reason}`);
    } else if (taken !== null) {
      reply(response, 410, 'This sign-in has been answered already.');
    } else {
      take(callback, response);
    }
  };

  const methods = { [path]: 'GET', [resultPath]: 'GET' };
  const server = await listenAtEndpoint(
    endpoint,
    certificate,
    (request, response) => {
      const target = admit(request, response, endpoint, methods);
      if (target === null) return;
      if (target.path === path) {
        answerCallback(target.query, response);
      } else if (taken === null) {
        reply(response, 404, 'There is nothing here.');
      } else {
        request.socket.once('close', close);
        replyPage(response, resultPage(taken, attempt.provider));
      }
    },
    otherWay,
  );

  const close = async () => {
    clearTimeout(timer);
    await server.close();
    delivered.resolve();
  };

  return { callback: first.promise, delivered: delivered.promise, close };
}
