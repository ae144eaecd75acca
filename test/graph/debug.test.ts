import { expect, test } from 'vitest';
import { client, declared, failureOf, inTurn, meta, metaError, user } from './support.ts';

function forms(secret: string): string[] {
  return [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    Buffer.from(secret).toString('base64').replace(/=/g, ''),
    Buffer.from(secret).toString('base64url'),
    Buffer.from(secret).toString('hex'),
  ];
}

test('prints the request, the response and the duration', async () => {
  const server = await meta(inTurn({ body: { success: true }, headers: { 'x-app-usage': '{}' } }));
  const { graph, lines } = client(server.url);
  await graph.call('subscribePage', { page_id: '1065', subscribed_fields: 'messages' }, user);
  expect(lines).toEqual([
    `> POST ${server.url}/v26.0/1065/subscribed_apps`,
    '> Authorization: Bearer [redacted]',
    '> {"subscribed_fields":"messages"}',
    '< 200 (0 ms)',
    '< x-app-usage: {}',
    '< {"success":true}',
  ]);
});

test('prints every attempt, including those without a response', async () => {
  const { call, lines } = client('http://127.0.0.1:1');
  await failureOf(call(declared(), { page_id: '1' }, user));
  expect(lines.filter((line) => line.startsWith('> GET'))).toHaveLength(4);
  expect(lines.at(-1)).toBe('< no response: ECONNREFUSED (0 ms)');
});

test('masks secret parameters by name', async () => {
  const server = await meta(inTurn({ body: { access_token: 'EAAnewToken"/+1' } }));
  const { graph, lines } = client(server.url);
  await graph.call(
    'exchangeLoginCode',
    {
      client_id: '77',
      client_secret: 's3/cr+et',
      redirect_uri: 'http://localhost/',
      code: 'AQD|x',
    },
    null,
  );
  expect(lines[0]).toBe(
    `> GET ${server.url}/v26.0/oauth/access_token?client_id=77&client_secret=[redacted]&redirect_uri=http%3A%2F%2Flocalhost%2F&code=[redacted]`,
  );
  expect(lines.at(-1)).toBe('< {"access_token":"[redacted]"}');
});

test('prints no secret in any encoding, wherever it occurs', async () => {
  const sent = {
    token: 'EAAuser|tok/en+1',
    appSecret: 'app=secret&/2',
    pin: '739154',
    verify_token: 'verify me 3',
  };
  const received = { page: 'EAApage"tok/4', nested: 'EAAnested5', inAddress: 'EAAaddr6' };
  const everySecret = [...Object.values(sent), ...Object.values(received)];
  const echo = everySecret.flatMap(forms).join(' ');
  const server = await meta(
    inTurn(
      {
        body: {
          access_token: received.page,
          data: [{ user: { token: received.nested } }],
          paging: { next: `https://x/?limit=1&access_token=${received.inAddress}&after=B` },
          echo,
        },
      },
      metaError(100, { message: echo, error_user_msg: echo }),
      { status: 404, body: `<p>${echo}</p>`, headers: { 'content-type': 'text/html' } },
    ),
  );
  const { call, lines } = client(server.url);
  const write = declared({ method: 'POST', sends: 'json' });
  const parameters = { page_id: '1', pin: sent.pin, verify_token: sent.verify_token };
  const credentials = { token: sent.token, appSecret: sent.appSecret };

  await call(write, parameters, credentials);
  const refused = await failureOf(call(write, parameters, credentials));
  await failureOf(call(write, parameters, credentials));

  const shown = [...lines, refused.reason, JSON.stringify(refused.graph)].join('\n');
  const leaked = everySecret.flatMap(forms).filter((form) => shown.includes(form));
  expect(leaked).toEqual([]);
  expect(shown).toContain('after=B');
  const [request] = server.requests;
  const proof = JSON.parse(request?.body ?? '').appsecret_proof;
  expect(proof).toMatch(/^[\da-f]{64}$/);
  expect(shown).not.toContain(proof);
});

test('prints no part of a secret in a header, and no secret that is a number', async () => {
  const token = 'EAAGm0PX4ZCpsBAKZA7b9Qf2';
  const headers = { 'x-app-usage': `{"${token.slice(4, 14).toLowerCase()}":1}` };
  const server = await meta(inTurn({ body: { pin: 739154, id: 81 }, headers }));
  const { call, lines } = client(server.url);
  await call(declared(), { page_id: '1' }, { ...user, token });
  expect(lines.slice(-2)).toEqual([
    '< x-app-usage: {"[redacted]":1}',
    '< {"pin":"[redacted]","id":81}',
  ]);
});

test('masks a list of secrets', async () => {
  const server = await meta(inTurn({ body: { access_token: ['opaque-value', [81]], id: '81' } }));
  const { call, lines } = client(server.url);
  await call(declared(), { page_id: '1' }, user);
  expect(lines.at(-1)).toBe('< {"access_token":["[redacted]",["[redacted]"]],"id":"81"}');
});

test('adds secrets to the redactor even without --debug', async () => {
  const server = await meta(inTurn({ body: { access_token: 'EAApageToken' } }));
  const { graph, options } = client(server.url, { debug: undefined });
  await graph.call('getPageToken', { page_id: '1', fields: 'name,access_token' }, user);
  expect(options.redactor.redact(`EAApageToken ${user.token}`)).toBe('[redacted] [redacted]');
});

test('redacts a long body before truncating it', async () => {
  const token = `EAA${'t'.repeat(300)}`;
  // The token spans the position at which the body is truncated.
  const server = await meta(inTurn({ body: `${'x'.repeat(3_900)}${token}${'y'.repeat(9_000)}` }));
  const { call, lines, options } = client(server.url);
  options.redactor.add(token);
  await failureOf(call(declared(), { page_id: '1' }, user));
  const body = lines.at(-1) ?? '';
  expect(body).toContain('x[redacted]y');
  expect(body).not.toContain('ttt');
  expect(body.endsWith(' …')).toBe(true);
  expect(body.length).toBeLessThan(4_100);
});

test('removes control characters from the response', async () => {
  const server = await meta(inTurn({ status: 400, body: '\u001b[2Jgone\r\nfake line\u202e' }));
  const { call, lines } = client(server.url);
  await failureOf(call(declared(), { page_id: '1' }, user));
  expect(lines.at(-1)).toBe('< [2Jgone fake line');
});
