import { AwsV4Signer } from 'aws4fetch';
import type { S3Address } from '../address.ts';
import { UnreachableError } from '../errors.ts';
import type { Credentials } from './credentials.ts';
import { s3Error } from './s3-errors.ts';

export type Fetch = (input: URL, init: RequestInit) => Promise<Response>;

const TIMEOUT_MS = 30_000;
const MAX_ATTEMPTS = 3;
const RETRY_MS = 200;
const MAX_KEYS = 1000;

export interface S3Options {
  /** Returns the function that sends requests, through a proxy if necessary. */
  fetchFor(url: URL): Fetch;
  credentials(): Promise<Credentials>;
  region: string;
}

interface S3Request {
  method: 'GET' | 'PUT' | 'DELETE';
  key: string;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  body?: Buffer;
}

/** Sends signed requests to a bucket. */
export class S3Client {
  readonly #address: S3Address;
  readonly #options: S3Options;
  readonly #base: URL;

  constructor(address: S3Address, options: S3Options) {
    this.#address = address;
    this.#options = options;
    this.#base = bucketUrl(address, options.region);
  }

  /** Returns the content of an object; null if it does not exist. */
  async get(key: string): Promise<Buffer | null> {
    const response = await this.#send({ method: 'GET', key });
    if (response.status === 404 && response.code === 'NoSuchKey') return null;
    if (response.status === 200) return response.body;
    throw s3Error(this.#address, response);
  }

  /** Stores an object, or replaces it. */
  async put(key: string, body: Buffer): Promise<void> {
    const response = await this.#send({ method: 'PUT', key, body });
    if (response.status !== 200) throw s3Error(this.#address, response);
  }

  /** Stores an object unless there is one with this key. */
  async create(key: string, body: Buffer): Promise<'ok' | 'conflict'> {
    const headers = { 'if-none-match': '*' };
    const response = await this.#send({ method: 'PUT', key, headers, body });
    if (response.status === 200) return 'ok';
    if (response.status === 412 || response.status === 409) return 'conflict';
    throw s3Error(this.#address, response);
  }

  async remove(key: string): Promise<void> {
    const response = await this.#send({ method: 'DELETE', key });
    if (response.status !== 204 && response.status !== 404) throw s3Error(this.#address, response);
  }

  /** Returns the keys that begin with `prefix`, in alphabetical order. */
  async list(prefix: string, limit = Number.POSITIVE_INFINITY): Promise<string[]> {
    const keys: string[] = [];
    let token: string | undefined;
    do {
      const query = {
        'list-type': '2',
        prefix,
        'max-keys': String(Math.min(limit, MAX_KEYS)),
        ...(token !== undefined && { 'continuation-token': token }),
      };
      const response = await this.#send({ method: 'GET', key: '', query });
      if (response.status !== 200) throw s3Error(this.#address, response);
      const text = response.body.toString('utf8');
      // The keys have no characters that XML escapes.
      keys.push(...[...text.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key]) => key ?? ''));
      token = /<NextContinuationToken>([^<]*)</.exec(text)?.[1];
    } while (token !== undefined && keys.length < limit);
    return keys;
  }

  /** Repeats a read after a temporary error. Only the caller knows whether a write may be repeated. */
  async #send(request: S3Request) {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const response = await this.#sendOnce(request);
        const isTemporary = response.status >= 500 || response.code === 'SlowDown';
        if (!isTemporary || request.method !== 'GET' || attempt === MAX_ATTEMPTS) return response;
      } catch (error) {
        if (!(error instanceof UnreachableError)) throw error;
        if (request.method !== 'GET' || attempt === MAX_ATTEMPTS) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS * 2 ** attempt));
    }
  }

  async #sendOnce({ method, key, query = {}, headers = {}, body }: S3Request) {
    const url = new URL(this.#base);
    url.pathname = `${url.pathname.replace(/\/$/, '')}/${key}`;
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const signer = new AwsV4Signer({
      method,
      url: url.href,
      headers,
      ...(body !== undefined && { body: new Uint8Array(body) }),
      ...(await this.#options.credentials()),
      service: 's3',
      region: this.#options.region,
    });
    const signed = await signer.sign();
    try {
      const response = await this.#options.fetchFor(url)(signed.url, {
        method,
        headers: signed.headers,
        ...(body !== undefined && { body: new Uint8Array(body) }),
        redirect: 'manual',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const content = Buffer.from(await response.arrayBuffer());
      return { status: response.status, body: content, ...parseError(response.status, content) };
    } catch (cause) {
      throw new UnreachableError(this.#address.location, {
        reason: networkReason(cause),
        hint: 'Check the endpoint, the network and the server, then run the command again.',
        cause,
      });
    }
  }
}

/** A bucket whose name has dots is in the path, because no certificate covers its host name. */
function bucketUrl({ bucket, endpoint }: S3Address, region: string): URL {
  if (endpoint !== null) return new URL(`${endpoint.replace(/\/$/, '')}/${bucket}`);
  if (bucket.includes('.')) return new URL(`https://s3.${region}.amazonaws.com/${bucket}`);
  return new URL(`https://${bucket}.s3.${region}.amazonaws.com`);
}

function parseError(status: number, body: Buffer): { code: string; message: string } {
  if (status < 300) return { code: '', message: '' };
  const text = body.subarray(0, 10_000).toString('utf8');
  const element = (name: string) => new RegExp(`<${name}>([^<]*)</`).exec(text)?.[1] ?? '';
  return { code: element('Code'), message: element('Message') };
}

function networkReason(error: unknown): string {
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return `The server did not respond within ${TIMEOUT_MS / 1000} seconds.`;
  }
  return `${error instanceof Error ? error.message : String(error)}.`;
}
