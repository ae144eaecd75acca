import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { request as secureRequest } from 'node:https';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { signIn } from '../../../src/auth/oauth/sign-in.ts';
import type { SignInPorts, SignInRequest } from '../../../src/auth/types.ts';
import { temporaryFolder } from '../../support/cli.ts';

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function pastedInput() {
  const waiting: string[] = [];
  let wake = () => {};
  let ended = false;
  return {
    paste(line: string) {
      waiting.push(line);
      wake();
    },
    end() {
      ended = true;
      wake();
    },
    async *lines(signal: AbortSignal) {
      signal.addEventListener('abort', () => wake(), { once: true });
      while (!signal.aborted) {
        const line = waiting.shift();
        if (line !== undefined) yield line;
        else if (ended) return;
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    },
  };
}

export async function startSignIn(
  changes: Partial<SignInRequest & SignInPorts> & { scheme?: 'http' | 'https' } = {},
) {
  const port = await freePort();
  const redirectUri = `${changes.scheme ?? 'http'}://localhost:${port}/callback`;
  const said: string[] = [];
  const opened: string[] = [];
  const interrupt = new AbortController();
  const input = pastedInput();
  let state = '';
  const parts: SignInRequest & SignInPorts = {
    provider: 'Facebook',
    redirectUri,
    authorizationUrl: (given) => {
      state = given;
      return `https://login.example/dialog?state=${given}`;
    },
    openBrowser: false,
    manual: false,
    timeoutSeconds: 20,
    signal: interrupt.signal,
    now: Date.now,
    print: (line) => said.push(line),
    openInBrowser: async (address) => {
      opened.push(address);
    },
    pastedLines: (signal) => input.lines(signal),
    certificateFolder: join(await temporaryFolder(), 'tls'),
    ...changes,
  };
  const answer = signIn(parts, parts);
  answer.catch(() => {}); // Prevents an unhandled rejection: tests await the promise later.
  onTestFinished(async () => {
    interrupt.abort();
    await answer.catch(() => {});
  });
  const failed = answer.catch(() => 'failed');
  while (state === '' && (await Promise.race([failed, setImmediate('waiting')])) === 'waiting');
  return { answer, said, opened, input, interrupt, port, redirectUri, state, parts };
}

export interface Answered {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

export async function send(
  address: string,
  {
    method = 'GET',
    headers = {},
    body: sentBody = '',
  }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answered> {
  const url = new URL(address);
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent =
      url.protocol === 'https:'
        ? secureRequest(url, { method, headers, agent: false, rejectUnauthorized: false })
        : request(url, { method, headers, agent: false });
    sent.on('response', resolve).on('error', reject).end(sentBody);
  });
  let body = '';
  for await (const chunk of response) body += chunk;
  return { status: response.statusCode ?? 0, headers: response.headers, body };
}

const SILENCE_MS = 60;

export async function isWaiting(promise: Promise<unknown>): Promise<boolean> {
  const waiting = Symbol('waiting');
  const pause = new Promise((resolve) => setTimeout(() => resolve(waiting), SILENCE_MS));
  return (await Promise.race([promise, pause])) === waiting;
}

export function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
