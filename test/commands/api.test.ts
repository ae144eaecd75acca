import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { proofOf } from '../sandbox/support.ts';
import { run } from '../support/cli.ts';
import {
  BUSINESS_TOKEN,
  INSTAGRAM_TOKEN,
  receiver,
  WEBHOOK_APP,
  webhookDesks,
} from '../support/webhook-desk.ts';

const desk = webhookDesks();

describe('api GET', () => {
  test("returns Meta's response to a request with the account's token and its proof", async () => {
    const own = await desk();
    const result = await own.json(
      'api',
      'GET',
      '/61',
      '-f',
      'fields=id,status',
      '--account',
      'wa-61',
    );
    expect(result).toEqual({ id: '61', status: 'CONNECTED' });
    const [asked] = own.meta.requests;
    expect(asked).toMatchObject({ method: 'GET', path: '/graph/v26.0/61' });
    expect(asked?.headers.authorization).toBe(`Bearer ${BUSINESS_TOKEN}`);
    expect(asked?.query).toEqual({
      fields: 'id,status',
      appsecret_proof: proofOf(BUSINESS_TOKEN, WEBHOOK_APP.secret),
    });
  });

  test('accepts a path with a version and a query but no leading slash, and a method in lower case', async () => {
    const own = await desk();
    const args = ['api', 'get', 'v25.0/61?fields=id', '--account', 'wa-61'];
    expect(await own.json(...args)).toEqual({ id: '61' });
    expect(own.meta.requests[0]?.path).toBe('/graph/v25.0/61');
  });

  test('calls Instagram with the token of an Instagram account', async () => {
    const own = await desk();
    const result = await own.json(
      'api',
      'GET',
      'me',
      '-f',
      'fields=username',
      '--account',
      'ig-71',
    );
    expect(result).toMatchObject({ username: 'alder' });
    const [asked] = own.meta.requests;
    expect(asked?.path).toBe('/instagram-graph/v26.0/me');
    expect(asked?.headers.authorization).toBe(`Bearer ${INSTAGRAM_TOKEN}`);
  });

  test('sends the app access token with --app', async () => {
    const own = await desk();
    expect(await own.json('api', 'GET', '700/subscriptions', '--app', 'messenger')).toEqual({
      data: [],
    });
    const token = `${WEBHOOK_APP.id}|${WEBHOOK_APP.secret}`;
    expect(own.meta.requests[0]?.headers.authorization).toBe(`Bearer ${token}`);
  });

  test('prints indented JSON by default, and accepts any name in --fields', async () => {
    const own = await desk();
    const args = ['api', 'GET', '61', '-f', 'fields=id,status', '--account', 'wa-61'];
    const plain = await own.cli(...args);
    expect(JSON.parse(plain.stdout)).toEqual({ id: '61', status: 'CONNECTED' });
    expect((await own.cli(...args, '-o', 'tsv')).stdout).toBe('id\tstatus\n61\tCONNECTED\n');
    expect(await own.json(...args, '--fields', 'status')).toEqual({ status: 'CONNECTED' });
  });

  test('retries a read', async () => {
    const own = await desk({ faults: [{ status: 503 }] });
    expect(await own.json('api', 'GET', '61', '-f', 'fields=id', '--account', 'wa-61')).toEqual({
      id: '61',
    });
    expect(own.meta.requests).toHaveLength(2);
  });

  test("shows no secret with --debug, and includes Meta's error", async () => {
    const own = await desk();
    const { code, stdout, stderr } = await own.cli(
      ...['api', 'GET', '99/phone_numbers', '--account', 'wa-61', '--debug', '--json'],
    );
    expect(code).toBe(5);
    expect(stdout).toBe('');
    expect(stderr).not.toContain(BUSINESS_TOKEN);
    const { error } = JSON.parse(stderr.trim().split('\n').at(-1) ?? '');
    expect(error).toMatchObject({
      kind: 'graph',
      message: expect.stringContaining('Could not call GET /99/phone_numbers.'),
      graph: { code: 100, subcode: 33 },
    });
  });

  test('returns the items of all pages as one list with --paginate', async () => {
    const own = await desk({ whatsapp: { more: 29 } });
    const args = ['api', 'GET', '51/phone_numbers', '--account', 'wa-61', '-f', 'limit=10'];
    const list: { id: string }[] = await own.json(...args, '--paginate');
    expect(list).toHaveLength(30);
    expect(new Set(list.map(({ id }) => id)).size).toBe(30);
    expect(own.meta.requests).toHaveLength(3);
    const lines = await own.cli(...args, '--paginate', '-o', 'ndjson', '--fields', 'id');
    expect(lines.stdout.trim().split('\n')).toHaveLength(30);
    const page = await own.cli(...args, '--json');
    expect(JSON.parse(page.stdout)).toMatchObject({
      paging: { next: expect.stringContaining('access_token=[redacted]') },
    });
    expect(page.stdout).not.toContain(BUSINESS_TOKEN);
  });
});

describe('api GET --paginate fails with 5 and names the call', () => {
  const operation = '/51/phone_numbers';
  const args = ['api', 'GET', operation, '--account', 'wa-61', '--paginate'];
  const page = (after: string) => ({
    data: [{ id: '61' }],
    paging: { cursors: { after }, next: 'https://graph.facebook.com/next' },
  });

  test('after 1,000 pages', async () => {
    const own = await desk({
      faults: Array.from({ length: 1_000 }, (_, index) => ({
        operation,
        body: page(`cursor-${index}`),
      })),
    });
    const { code, error } = await own.failure(...args);
    expect(code).toBe(5);
    expect(error.message).toContain(
      'GET /51/phone_numbers does not end: it has more than 1000 pages',
    );
    expect(own.meta.requests).toHaveLength(1_000);
  });

  test('if a cursor repeats', async () => {
    const own = await desk({ faults: [{ operation, times: 5, body: page('QQ') }] });
    const { code, error } = await own.failure(...args);
    expect(code).toBe(5);
    expect(error.message).toContain('valid, new cursor for the next page of GET /51/phone_numbers');
    expect(own.meta.requests).toHaveLength(2);
  });
});

test('every example in the help of api works', async () => {
  const own = await desk({ whatsapp: { more: 30 } });
  await writeFile(join(own.configDir, 'profile.json'), '{"get_started":{"payload":"GO"}}');
  const { stdout } = await own.cli('api', '--help');
  const examples = [...stdout.matchAll(/^ +channelctl (api (?:GET|POST) .+)$/gm)].map(
    ([, line = '']) =>
      line
        .replaceAll('1065', '81')
        .replaceAll('1045', '61')
        .replaceAll('1066', '51')
        .replace('profile.json', join(own.configDir, 'profile.json'))
        .split(' '),
  );
  expect(examples).toHaveLength(4);
  for (const args of examples) {
    expect(await own.cli(...args)).toMatchObject({ code: 0, stdout: expect.stringMatching(/./) });
  }
});

describe('api POST and DELETE', () => {
  test('require --yes without a terminal, and send nothing otherwise', async () => {
    const own = await desk();
    for (const method of ['POST', 'DELETE']) {
      const { code, error } = await own.failure(
        'api',
        method,
        '51/subscribed_apps',
        '--account',
        'wa-61',
      );
      expect({ method, code, hint: error.hint }).toEqual({
        method,
        code: 2,
        hint: 'Pass --yes to confirm.',
      });
    }
    expect(own.meta.requests).toEqual([]);
  });

  test('send JSON from --input, stdin and -f', async () => {
    const own = await desk();
    const file = join(own.configDir, 'body.yaml');
    await writeFile(file, 'persistent_menu:\n  - locale: default\n    call_to_actions: []\n');
    const call = ['api', 'POST', 'me/messenger_profile', '--account', 'fb-81', '--yes'];
    await own.cli(...call, '--input', file, '-f', 'platform=messenger');
    expect(JSON.parse(own.meta.requests[0]?.body ?? '')).toMatchObject({
      persistent_menu: [{ locale: 'default', call_to_actions: [] }],
      platform: 'messenger',
    });
    const started = '{"get_started":{"payload":"GO"}}';
    const piped = await run([...call, '--input', '-', '--json'], own.env, started);
    expect(piped.stdout).toBe('{\n  "result": "success"\n}\n');
  });

  test('are recorded in the audit log with their account, and without secrets in JSON strings', async () => {
    const meta = await receiver((_asked, response) => response.end('{"success":true}'));
    const own = await desk({ extra: { CHANNELCTL_GRAPH_URL: new URL(meta.url).origin } });
    const text = '{"id":61071234567890123456,"list":[{"apiToken":"a-secret-in-json"}]}';
    const field = ['-f', `settings=${text}`];
    await own.json('api', 'POST', '61/settings', '--account', 'wa-61', '--yes', ...field);
    const [entry] = (await own.json('audit', 'list', '--account', 'wa-61')).slice(-1);
    expect(entry).toMatchObject({
      call: 'POST /v26.0/61/settings',
      changes: [
        { after: '{"id":"61071234567890123456","list":[{"apiToken":"********"}]}', before: null },
      ],
    });
  });

  test('are never retried, because the request may have arrived', async () => {
    const own = await desk({ faults: [{ status: 503 }] });
    const args = ['api', 'POST', '51/subscribed_apps', '--account', 'wa-61', '--yes'];
    expect((await own.failure(...args)).code).toBe(5);
    expect(own.meta.requests).toHaveLength(1);
  });
});

describe('api rejects, before anything is sent,', () => {
  test.each([
    ['a full URL', ['GET', 'https://graph.facebook.com/me'], /path/],
    ['a URL with a token', ['GET', 'https://x.example/me?access_token=tok-1'], /^(?!.*tok-1)/],
    ['a path with ..', ['GET', '/61/../62'], /path/],
    ['a path with encoded ..', ['GET', '/61/%2e%2e/62'], /path/],
    ['a path with encoded slashes', ['GET', '/61/..%2f..%2f62'], /path/],
    ['a path with an encoded backslash', ['GET', '/61%5c62'], /path/],
    ['an unsupported method', ['PUT', '/61'], /method/],
    ['a token as a parameter', ['GET', '/61', '-f', 'access_token=x'], /access_token/],
    ['a token in the path', ['GET', '/61?access_token=x'], /access_token/],
    ['--paginate with a write', ['POST', '/61', '--paginate'], /--paginate/],
    ['both an account and an app', ['GET', '/61', '--app', 'whatsapp'], /--app/],
  ])('%s', async (_name, args, words) => {
    const own = await desk();
    const { code, error } = await own.failure('api', ...args, '--account', 'wa-61', '--yes');
    expect(code).toBe(2);
    expect(error.message).toMatch(words);
    expect(own.meta.requests).toEqual([]);
  });

  test('a request without an account if there are several', async () => {
    const own = await desk();
    const { code, error } = await own.failure('api', 'GET', 'me');
    expect(code).toBe(2);
    expect(error.hint).toContain('--account');
    expect(await own.failure('api', 'GET', 'me', '--app', 'email')).toMatchObject({ code: 2 });
  });

  test('roles other than admin', async () => {
    const own = await desk({ extra: { CHANNELCTL_ROLE: 'supervisor' } });
    const { code, error } = await own.failure('api', 'GET', 'me', '--account', 'fb-81');
    expect({ code, kind: error.kind }).toEqual({ code: 4, kind: 'not_allowed' });
  });
});
