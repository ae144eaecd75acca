import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { z } from 'zod';
import { ChannelctlError } from '../shared/errors.ts';
import { readBody } from '../shared/loopback/body.ts';
import { type HttpReply, jsonReply, type Router } from './http/http.ts';
import type { SandboxData, SandboxDescription } from './types.ts';
import { urlsAt } from './urls.ts';

/** The path at which a sandbox returns its data. */
export const DATA_PATH = 'sandbox.json';

const TIMEOUT_MS = 5_000;
const MAX_BODY_BYTES = 16 * 1024 * 1024;

const schema = z.strictObject({
  app_id: z.string(),
  app_secret: z.string(),
  instagram_app_id: z.string(),
  instagram_app_secret: z.string(),
  waba_id: z.string(),
  phone_number_id: z.string(),
  business_token: z.string(),
  pin: z.string(),
  pages: z.array(z.strictObject({ id: z.string(), name: z.string(), access_token: z.string() })),
});

export function createDataService(data: SandboxData): Router {
  return (request) => ({ operation: null, run: () => replyTo(request.method, data) });
}

function replyTo(method: string, data: SandboxData): HttpReply {
  return method === 'GET' ? jsonReply(200, data) : jsonReply(405, { error: 'Use GET' });
}

/**
 * Returns the description of the sandbox that is running on a port of this machine. Its URLs are
 * not taken from the response, because another program could be listening on the port.
 *
 * @throws ChannelctlError `not_found` if no sandbox is running there
 */
export async function describeRunningSandbox(port: number): Promise<SandboxDescription> {
  let body: string | null;
  try {
    body = await get(port);
  } catch (error) {
    throw noSandbox(port, 'Nothing is listening on it, or it did not respond.', error);
  }
  const parsed = schema.safeParse(parseJson(body));
  if (!parsed.success) {
    throw noSandbox(port, 'Another program, or another version of the sandbox, is using it.');
  }
  return { ...urlsAt(port), ...parsed.data };
}

async function get(port: number): Promise<string | null> {
  const sent = request({
    host: '127.0.0.1',
    port,
    path: `/${DATA_PATH}`,
    // The default agent can use a proxy from the environment.
    agent: false,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const body = await readBody(response, MAX_BODY_BYTES);
  return body?.toString('utf8') ?? null;
}

function parseJson(text: string | null): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return null;
  }
}

function noSandbox(port: number, reason: string, cause?: unknown): ChannelctlError {
  return new ChannelctlError('not_found', `No sandbox is running on port ${port}.`, {
    reason,
    hint: 'Start one with channelctl sandbox start, or pass the port of a running one with --port.',
    cause,
  });
}
