import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Sandbox, SandboxUrls } from '../../src/sandbox/types.ts';
import { isObject } from '../../src/shared/json.ts';

/** Whether the server refuses requests, or adds the secrets to the sandbox's answers. */
export type EchoKind = 'refusal' | 'answer';

const SHOWN_KEYS = ['name', 'verified_name', 'username', 'application', 'category', 'about'];

const RECEIVER = '/hooks';

/** Error codes after which a call is not repeated. */
const CODES = [190, 100, 200, 803, 131031];

export async function startEchoServer(sandbox: Sandbox) {
  const { origin } = new URL(sandbox.urls.graph_url);
  const state = {
    kind: 'refusal' as EchoKind,
    write: (secret: string) => secret,
    echoed: new Set<string>(),
    requests: 0,
  };
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    state.requests += 1;
    const secrets = secretsIn(request, body);
    for (const secret of secrets) state.echoed.add(secret);
    const echo = secrets.map((secret) => state.write(secret)).join(' ');
    if (request.url?.startsWith(RECEIVER)) {
      response.writeHead(200, echoHeaders(echo)).end(echo);
      return;
    }
    const headers = { 'content-type': 'application/json', ...echoHeaders(echo) };
    if (state.kind === 'refusal') {
      const code = CODES[state.requests % CODES.length] ?? 100;
      response.writeHead(400, headers).end(JSON.stringify(refusal(code, echo)));
      return;
    }
    const answer = await forwarded(origin, request, body);
    const text = answer.isJson ? JSON.stringify(withEcho(JSON.parse(answer.text), echo)) : '';
    response.writeHead(answer.status, headers).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const { port } = server.address() as AddressInfo;
  const urls = Object.fromEntries(
    Object.entries(sandbox.urls).map(([name, url]: [string, string]) => [
      name,
      url.replace(origin, `http://localhost:${port}`),
    ]),
  ) as unknown as SandboxUrls;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { state, urls, receiver: `http://localhost:${port}${RECEIVER}`, close };
}

function secretsIn({ url = '', headers }: IncomingMessage, body: string): string[] {
  const query = new URL(url, 'http://localhost').searchParams;
  const form = new URLSearchParams(body);
  const names = [
    'access_token',
    'input_token',
    'fb_exchange_token',
    'client_secret',
    'code',
    'hub.verify_token',
  ];
  const sent = [
    headers.authorization?.replace(/^Bearer /, ''),
    ...names.flatMap((name) => [query.get(name), form.get(name)]),
  ];
  // The ID in an app access token is not secret.
  const secrets = sent.map((value) => value?.replace(/^\d+\|/, '') ?? '');
  return [...new Set(secrets)].filter((secret) => secret.length >= 12);
}

function echoHeaders(echo: string): Record<string, string> {
  return /^[ -~]*$/.test(echo) ? { 'x-app-usage': echo, 'x-fb-trace-id': echo } : {};
}

function refusal(code: number, echo: string): object {
  const error = {
    message: `Invalid request: ${echo}`,
    type: `OAuthException ${echo}`,
    code,
    error_data: { details: `The value ${echo} is not valid` },
    error_user_title: echo,
    error_user_msg: `Check <${echo}>`,
    fbtrace_id: echo,
  };
  return { error, [echo]: echo };
}

async function forwarded(origin: string, request: IncomingMessage, body: string) {
  const { method = '', url = '' } = request;
  const headers = new Headers();
  for (const name of ['authorization', 'content-type', 'user-agent'] as const) {
    const value = request.headers[name];
    if (value !== undefined) headers.set(name, value);
  }
  const answer = await fetch(origin + url, { method, headers, ...(body !== '' && { body }) });
  const text = await answer.text();
  return {
    status: answer.status,
    text,
    isJson: /json/.test(answer.headers.get('content-type') ?? ''),
  };
}

/** Adds the echo to values that are shown, and to every object as a key and a value. */
function withEcho(value: unknown, echo: string): unknown {
  if (Array.isArray(value)) return value.map((inner) => withEcho(inner, echo));
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([key, inner]) => {
    if (typeof inner !== 'string') return [key, withEcho(inner, echo)];
    if (SHOWN_KEYS.includes(key)) return [key, `${inner} ${echo}`];
    // The answers to the calls of a batch request.
    return [key, key === 'body' ? JSON.stringify(withEcho(JSON.parse(inner), echo)) : inner];
  });
  return { ...Object.fromEntries(entries), ...(echo !== '' && { [echo]: echo }) };
}
