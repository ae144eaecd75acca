import type { IncomingMessage, ServerResponse } from 'node:http';
import { deferred } from '../../shared/deferred.ts';
import type { Certificate } from '../../shared/loopback/certificate.ts';
import { readBody } from '../../shared/loopback/server.ts';
import { isSameSecret } from '../../shared/timing-safe-equal.ts';
import {
  admit,
  listenAtEndpoint,
  type Page,
  redirect,
  reply,
  replyJson,
  replyPage,
} from '../http.ts';
import type { LoopbackEndpoint } from '../redirect-uri.ts';
import { type Handover, readDelivery } from './signup-result.ts';

/** A code and Meta's message are short. */
const MAX_BODY_BYTES = 16 * 1024;
/** How long the browser has to fetch the outcome. */
const DELIVERY_MS = 1_000;

/** What the page shows at the end. */
export interface SignUpOutcome {
  tone: 'good' | 'bad';
  title: string;
  text: string;
  /** Facts, in order. */
  rows: readonly { name: string; value: string }[];
  /** What went wrong, word by word. */
  quote: string | null;
}

export interface SignUpServer {
  /** The first handover by a page that was served here. Everything else changes nothing. */
  handover: Promise<Handover>;
  /** Shows the outcome in the page that handed over; resolves when it has it, or a second later. */
  report(outcome: SignUpOutcome): Promise<void>;
  /** Closes everything at once. */
  close(): Promise<void>;
}

interface Serving {
  path: string;
  endpoint: LoopbackEndpoint;
  certificate: Certificate;
  /** As for `listenAtEndpoint`. */
  otherWay: string;
  /** Unguessable; only a page that was served here can send it back. */
  token: string;
  /** The sign-up page, new for each time that it is loaded. */
  page(answerPath: string): Page;
}

/**
 * Serves the sign-up page, and takes from it what Facebook's script gave it. The page's request
 * stays open until the outcome is known, and is answered with it.
 *
 * @throws ChannelctlError as `listenAtEndpoint` does
 */
export async function serveSignUp(serving: Serving): Promise<SignUpServer> {
  const { path, endpoint, certificate, otherWay, token, page } = serving;
  const answerPath = `${path.replace(/\/$/, '')}/answer`;
  const first = deferred<Handover>();
  let taken: ServerResponse | null = null;

  const showPage = (query: URLSearchParams, response: ServerResponse) => {
    if (taken !== null) reply(response, 410, 'This sign-up has been answered already.');
    // Nothing that comes along in the address is to stay in the address bar.
    else if (query.size > 0) redirect(response, path);
    // The page has to keep the window that it opens at Facebook in reach.
    else {
      const headers = { 'Cross-Origin-Opener-Policy': 'same-origin-allow-popups' };
      replyPage(response, page(answerPath), headers);
    }
  };

  const takeAnswer = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await readBody(request, MAX_BODY_BYTES);
    const delivery = body === null ? null : readDelivery(body.toString('utf8'));
    if (body === null) reply(response, 413, 'This is too long.');
    else if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
      reply(response, 415, 'Only JSON is taken here.');
    } else if (delivery === null) reply(response, 400, 'This is no answer.');
    else if (!isSameSecret(delivery.token, token)) {
      reply(response, 403, 'This is not from the page of this sign-up.');
    } else if (taken !== null) reply(response, 410, 'This sign-up has been answered already.');
    else {
      taken = response;
      first.resolve(delivery.handover);
    }
  };

  const methods = { [path]: 'GET', [answerPath]: 'POST' };
  const server = await listenAtEndpoint(
    endpoint,
    certificate,
    (request, response) => {
      const target = admit(request, response, endpoint, methods);
      if (target === null) return;
      if (target.path === path) showPage(target.query, response);
      // Who hangs up half way gets no answer.
      else takeAnswer(request, response).catch(() => response.destroy());
    },
    otherWay,
  );

  return {
    handover: first.promise,
    close: () => server.close(),
    async report(outcome) {
      if (taken !== null) await deliver(taken, outcome);
      await server.close();
    },
  };
}

async function deliver(response: ServerResponse, outcome: SignUpOutcome): Promise<void> {
  const { socket } = response;
  if (socket === null || socket.destroyed) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, DELIVERY_MS);
    socket.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    replyJson(response, outcome);
  });
}
