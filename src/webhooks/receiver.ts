import type { IncomingMessage, ServerResponse } from 'node:http';
import { isObject, type Json } from '../shared/json.ts';
import { listenOnPort } from '../shared/loopback/server.ts';
import { parseJsonKeepingDigits } from '../shared/parse-json.ts';
import { type DeliveryBody, prefixOf, readDelivery } from './delivery-body.ts';
import { BoundedQueue } from './queue.ts';
import { isSignedWith, SIGNATURE_HEADER } from './signature.ts';

export interface ReceiverAccount {
  channel: string;
  account_key: string;
  verifyToken: string;
  /** The ID of the phone number, Page or Instagram account, as deliveries contain it. */
  metaId: string;
}

export interface ReceivedWebhook {
  time: string;
  event: 'handshake' | 'delivery';
  path: string;
  channel: string | null;
  account_key: string | null;
  /**
   * `page`, `instagram` or `whatsapp_business_account`; null for a handshake, and for a delivery
   * without a valid signature, whose body is not parsed.
   */
  object: string | null;
  /** Null for a handshake. */
  signature: 'ok' | 'wrong' | 'missing' | null;
  accepted: boolean;
  /**
   * The delivery, as a string if it is not JSON; only the beginning, as a string, if its signature is
   * missing or wrong; null for a handshake.
   */
  body: Json;
  /** The size of the whole body; null for a handshake. */
  bytes: number | null;
}

export interface ReceiverOptions {
  /** 0 selects a free port. */
  port: number;
  accounts: readonly ReceiverAccount[];
  appSecrets: readonly string[];
  now(): Date;
  /** Called when the first client uses TLS, which the receiver does not accept. */
  onTls(): void;
  signal: AbortSignal;
}

export interface Receiver {
  port: number;
  received: AsyncIterable<ReceivedWebhook>;
  /** The number of webhooks that were dropped because they were too large, or read too slowly. */
  dropped(): number;
}

/**
 * A request that waits to be read. Its body is parsed only when it is read, because a parsed body
 * takes more memory.
 */
interface Pending {
  size: number;
  read(): ReceivedWebhook;
}

/** Why a request is not reported. */
type Ignored = 'no webhook' | 'dropped';

/** The approximate size of an event without its path and body. */
const EVENT_BYTES = 1024;

/**
 * Receives webhooks on the loopback interface: returns the challenge of a handshake if its verify
 * token is known, and responds to a delivery with 200 or 401, depending on its signature. Drops a
 * delivery, with 413 if its body is too large and with 503 while the reader is too slow.
 *
 * @throws ChannelctlError as `listenOnPort` does
 */
export async function startReceiver(options: ReceiverOptions): Promise<Receiver> {
  const queue = new BoundedQueue<Pending>();
  let dropped = 0;
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    try {
      const webhook = await answer(request, response, options, queue);
      if (webhook === 'dropped') dropped += 1;
      else if (webhook !== 'no webhook') queue.push(webhook);
    } catch {
      response.destroy(); // The client disconnected.
    }
  };
  const server = await listenOnPort(options.port, handle, 'The receiver', options.onTls);
  const stop = () => {
    queue.end();
    void server.close();
  };
  if (options.signal.aborted) stop();
  options.signal.addEventListener('abort', stop, { once: true });
  return { port: server.port, received: readAll(queue), dropped: () => dropped };
}

async function* readAll(queue: BoundedQueue<Pending>): AsyncGenerator<ReceivedWebhook> {
  for await (const pending of queue) yield pending.read();
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: ReceiverOptions,
  queue: BoundedQueue<Pending>,
): Promise<Pending | Ignored> {
  // Without the origin, a path that begins with two slashes would be parsed as a host.
  const url = new URL(`http://localhost${(request.url ?? '/').replace(/^[^/]*/, '')}`);
  const place = { time: options.now().toISOString(), path: url.pathname };
  const overhead = EVENT_BYTES + 2 * place.path.length;
  if (request.method === 'GET' && url.searchParams.has('hub.mode')) {
    const received = { ...place, ...answerHandshake(url, response, options) };
    if (!queue.reserve(overhead)) return 'dropped';
    return { size: overhead, read: () => received };
  }
  if (request.method !== 'POST') {
    reply(response, request.method === 'GET' ? 404 : 405, 'This URL receives webhooks.');
    return 'no webhook';
  }
  const header = request.headers[SIGNATURE_HEADER];
  const isSigned = typeof header === 'string';
  const body = await readDelivery(request, { overhead, isWhole: isSigned }, queue);
  if (typeof body === 'string') {
    if (body === 'too large') reply(response, 413, 'The body is too large.');
    else reply(response, 503, 'Too many webhooks are waiting to be printed.');
    return 'dropped';
  }
  const signature = isSigned ? checkSignature(header, body.content, options) : 'missing';
  if (signature === 'ok') {
    reply(response, 200, 'EVENT_RECEIVED');
    return signedDelivery(place, body, options);
  }
  reply(response, 401, `The signature is ${signature}.`);
  const text = prefixOf(body.content, body.bytes);
  const size = queue.shrink(body.reserved, overhead + 2 * text.length);
  return unsignedDelivery({ ...place, signature, body: text, bytes: body.bytes }, size);
}

type Place = Pick<ReceivedWebhook, 'time' | 'path'>;

function signedDelivery(
  place: Place,
  { content, bytes, reserved }: DeliveryBody,
  options: ReceiverOptions,
): Pending {
  const delivery = { ...place, event: 'delivery', signature: 'ok', accepted: true, bytes } as const;
  return { size: reserved, read: () => ({ ...delivery, ...readSigned(content, options) }) };
}

function unsignedDelivery(
  delivery: Pick<ReceivedWebhook, 'time' | 'path' | 'signature' | 'body' | 'bytes'>,
  size: number,
): Pending {
  const unknown = { channel: null, account_key: null, object: null, accepted: false };
  return { size, read: () => ({ event: 'delivery', ...delivery, ...unknown }) };
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
    bytes: null,
  };
}

function checkSignature(
  header: string,
  body: Buffer,
  { appSecrets }: ReceiverOptions,
): 'ok' | 'wrong' {
  return appSecrets.some((secret) => isSignedWith(body, header, secret)) ? 'ok' : 'wrong';
}

function readSigned(
  content: Buffer,
  { accounts }: ReceiverOptions,
): Pick<ReceivedWebhook, 'channel' | 'account_key' | 'object' | 'body'> {
  const body = parseBody(content.toString('utf8'));
  const ids = new Set(accountIds(body));
  const known = accounts.find(({ metaId }) => ids.has(metaId));
  return {
    channel: known?.channel ?? null,
    account_key: known?.account_key ?? null,
    object: isObject(body) && typeof body.object === 'string' ? body.object : null,
    body,
  };
}

function parseBody(text: string): Json {
  try {
    return parseJsonKeepingDigits(text);
  } catch {
    return text;
  }
}

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
