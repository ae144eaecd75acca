import type { IncomingMessage, ServerResponse } from 'node:http';
import { deferred } from '../../shared/deferred.ts';
import type { Certificate } from '../../shared/loopback/certificate.ts';
import {
  admit,
  type Page,
  redirect,
  reply,
  replyJson,
  replyPage,
} from '../../shared/loopback/http.ts';
import { listenOnLoopback } from '../../shared/loopback/listener.ts';
import type { LoopbackPlace } from '../../shared/loopback/redirect-uri.ts';
import { isSameSecret } from '../../shared/timing-safe-equal.ts';
import { type Handover, readDelivery } from './signup-result.ts';

/** A code and Meta's message are short. */
const LARGEST_BODY = 16 * 1024;
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
  place: LoopbackPlace;
  certificate: Certificate;
  /** As `listenOnLoopback` wants it. */
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
 * @throws ChannelctlError as `listenOnLoopback` does
 */
export async function serveSignUp(serving: Serving): Promise<SignUpServer> {
  const { path, place, certificate, otherWay, token, page } = serving;
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
    const body = await readBody(request);
    const delivery = body === null ? null : readDelivery(body);
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
  const listener = await listenOnLoopback(
    place,
    certificate,
    (request, response) => {
      const target = admit(request, response, place, methods);
      if (target === null) return;
      if (target.path === path) showPage(target.query, response);
      // Who hangs up half way gets no answer.
      else takeAnswer(request, response).catch(() => response.destroy());
    },
    otherWay,
  );

  return {
    handover: first.promise,
    close: () => listener.close(),
    async report(outcome) {
      if (taken !== null) await deliver(taken, outcome);
      await listener.close();
    },
  };
}

/** The whole body; null where it is too large. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    // Reading on, since who is cut off while sending does not see the answer.
    if (size <= LARGEST_BODY) chunks.push(chunk);
    else if (size > LARGEST_BODY * 64) request.destroy();
  }
  return size > LARGEST_BODY ? null : Buffer.concat(chunks).toString('utf8');
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
