import type { IncomingMessage, ServerResponse } from 'node:http';
import { isObject, type Json, parseJsonKeepingDigits } from '../shared/json.ts';
import { listenOnPort, readBody } from '../shared/loopback/server.ts';
import { isSignedWith, SIGNATURE_HEADER } from './signature.ts';

/** An account whose webhooks are received. */
export interface ReceiverAccount {
  channel: string;
  account_key: string;
  verifyToken: string;
  /** The ID of the phone number, Page or Instagram account, as deliveries contain it. */
  metaId: string;
}

/** A received request, and whether it was accepted. */
export interface ReceivedWebhook {
  time: string;
  event: 'handshake' | 'delivery';
  path: string;
  channel: string | null;
  account_key: string | null;
  /** `page`, `instagram` or `whatsapp_business_account`; null for a handshake. */
  object: string | null;
  /** Null for a handshake. */
  signature: 'ok' | 'wrong' | 'missing' | null;
  accepted: boolean;
  /** The delivery, as a string if it is not JSON; null for a handshake. */
  body: Json;
}

export interface ReceiverOptions {
  /** 0 selects a free port. */
  port: number;
  accounts: readonly ReceiverAccount[];
  /** The app secrets with which a delivery may be signed. */
  appSecrets: readonly string[];
  now(): Date;
  /** A signal that stops the receiver when it is aborted. */
  signal: AbortSignal;
}

/** Meta's deliveries are smaller than 3 MB. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

/**
 * Receives webhooks on the loopback interface: returns the challenge of a handshake if its verify
 * token is known, and responds to a delivery with 200 or 401, depending on its signature.
 *
 * @throws ChannelctlError as `listenOnPort` does
 */
export async function startReceiver(
  options: ReceiverOptions,
): Promise<{ port: number; received: AsyncIterable<ReceivedWebhook> }> {
  const queue = new Queue<ReceivedWebhook>();
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    try {
      const webhook = await answer(request, response, options);
      if (webhook !== null) queue.push(webhook);
    } catch {
      response.destroy(); // The client disconnected.
    }
  };
  const server = await listenOnPort(options.port, handle, 'The receiver');
  const stop = () => {
    queue.end();
    void server.close();
  };
  if (options.signal.aborted) stop();
  options.signal.addEventListener('abort', stop, { once: true });
  return { port: server.port, received: queue };
}

/** Answers one request. Returns null if the request is not a webhook. */
async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: ReceiverOptions,
): Promise<ReceivedWebhook | null> {
  // Without the origin, a path that begins with two slashes would be parsed as a host.
  const url = new URL(`http://localhost${(request.url ?? '/').replace(/^[^/]*/, '')}`);
  const time = options.now().toISOString();
  if (request.method === 'GET' && url.searchParams.has('hub.mode')) {
    return { time, path: url.pathname, ...answerHandshake(url, response, options) };
  }
  if (request.method !== 'POST') {
    reply(response, request.method === 'GET' ? 404 : 405, 'This URL receives webhooks.');
    return null;
  }
  const body = await readBody(request, MAX_BODY_BYTES);
  if (body === null) {
    reply(response, 413, 'The body is too large.');
    return null;
  }
  return { time, path: url.pathname, ...answerDelivery(request, body, response, options) };
}

type Received = Omit<ReceivedWebhook, 'time' | 'path'>;

function answerHandshake(
  { searchParams }: URL,
  response: ServerResponse,
  { accounts }: ReceiverOptions,
): Received {
  const token = searchParams.get('hub.verify_token');
  const known = accounts.find(({ verifyToken }) => verifyToken === token);
  const accepted = known !== undefined && searchParams.get('hub.mode') === 'subscribe';
  if (accepted) reply(response, 200, searchParams.get('hub.challenge') ?? '');
  else reply(response, 403, 'Unknown verify token.');
  return {
    event: 'handshake',
    channel: known?.channel ?? null,
    account_key: known?.account_key ?? null,
    object: null,
    signature: null,
    accepted,
    body: null,
  };
}

function answerDelivery(
  request: IncomingMessage,
  bytes: Buffer,
  response: ServerResponse,
  { accounts, appSecrets }: ReceiverOptions,
): Received {
  const signature = checkSignature(request, bytes, appSecrets);
  const accepted = signature === 'ok';
  if (accepted) reply(response, 200, 'EVENT_RECEIVED');
  else reply(response, 401, `The signature is ${signature}.`);
  const body = parseBody(bytes.toString('utf8'));
  const ids = accountIds(body);
  const known = accounts.find(({ metaId }) => ids.includes(metaId));
  return {
    event: 'delivery',
    channel: known?.channel ?? null,
    account_key: known?.account_key ?? null,
    object: isObject(body) && typeof body.object === 'string' ? body.object : null,
    signature,
    accepted,
    body,
  };
}

function checkSignature(
  { headers }: IncomingMessage,
  body: Buffer,
  appSecrets: readonly string[],
): 'ok' | 'wrong' | 'missing' {
  const header = headers[SIGNATURE_HEADER];
  if (typeof header !== 'string') return 'missing';
  return appSecrets.some((secret) => isSignedWith(body, header, secret)) ? 'ok' : 'wrong';
}

function parseBody(text: string): Json {
  try {
    return parseJsonKeepingDigits(text);
  } catch {
    return text;
  }
}

/** Returns the IDs of the accounts in a delivery. */
function accountIds(body: Json): string[] {
  return items(body, 'entry').flatMap((entry) => [
    ...(isObject(entry) ? [String(entry.id)] : []),
    ...items(entry, 'changes').map((change) => phoneNumberId(change)),
  ]);
}

function items(value: unknown, key: string): unknown[] {
  const list = isObject(value) ? value[key] : null;
  return Array.isArray(list) ? list : [];
}

function phoneNumberId(change: unknown): string {
  const value = isObject(change) ? change.value : null;
  const metadata = isObject(value) ? value.metadata : null;
  return isObject(metadata) ? String(metadata.phone_number_id) : '';
}

function reply(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(text);
}

/** An asynchronous queue for one reader. */
class Queue<Item> implements AsyncIterable<Item> {
  readonly #items: Item[] = [];
  #isEnded = false;
  #wake: () => void = () => {};

  push(item: Item): void {
    this.#items.push(item);
    this.#wake();
  }

  end(): void {
    this.#isEnded = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item> {
    for (;;) {
      const item = this.#items.shift();
      if (item !== undefined) yield item;
      else if (this.#isEnded) return;
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }
}
