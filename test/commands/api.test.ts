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
  test("gives Meta's answer, asked with the account's token and its proof", async () => {
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

  test('takes a path without a slash, a version and a query of its own, and any case of the method', async () => {
    const own = await desk();
    const args = ['api', 'get', 'v25.0/61?fields=id', '--account', 'wa-61'];
    expect(await own.json(...args)).toEqual({ id: '61' });
    expect(own.meta.requests[0]?.path).toBe('/graph/v25.0/61');
  });

  test('asks Instagram with the token of an Instagram account', async () => {
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

  test("asks with the app's own token with --app", async () => {
    const own = await desk();
    expect(await own.json('api', 'GET', '700/subscriptions', '--app', 'messenger')).toEqual({
      data: [],
    });
    const token = `${WEBHOOK_APP.id}|${WEBHOOK_APP.secret}`;
    expect(own.meta.requests[0]?.headers.authorization).toBe(`Bearer ${token}`);
  });

  test('is readable JSON in a table, and takes --fields of any name', async () => {
    const own = await desk();
    const args = ['api', 'GET', '61', '-f', 'fields=id,status', '--account', 'wa-61'];
    const plain = await own.cli(...args);
    expect(JSON.parse(plain.stdout)).toEqual({ id: '61', status: 'CONNECTED' });
    expect((await own.cli(...args, '-o', 'tsv')).stdout).toBe('id\tstatus\n61\tCONNECTED\n');
    expect(await own.json(...args, '--fields', 'status')).toEqual({ status: 'CONNECTED' });
  });

  test('tries reads again', async () => {
    const own = await desk({ faults: [{ status: 503 }] });
    expect(await own.json('api', 'GET', '61', '-f', 'fields=id', '--account', 'wa-61')).toEqual({
      id: '61',
    });
    expect(own.meta.requests).toHaveLength(2);
  });

  test("shows no secret under --debug, and keeps Meta's words in the error", async () => {
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
      graph: { code: 803 },
    });
  });

  test('--paginate gives the items of every page as a list', async () => {
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

test('every example of its help works', async () => {
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
  test('ask first: without a terminal they need --yes, and nothing is sent', async () => {
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

  test('send JSON, from --input, stdin and -f together', async () => {
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

  test('are written down with their account, and without the secrets in JSON texts', async () => {
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

  test('are never sent again, for they may have arrived', async () => {
    const own = await desk({ faults: [{ status: 503 }] });
    const args = ['api', 'POST', '51/subscribed_apps', '--account', 'wa-61', '--yes'];
    expect((await own.failure(...args)).code).toBe(5);
    expect(own.meta.requests).toHaveLength(1);
  });
});

describe('api refuses, before anything is sent,', () => {
  test.each([
    ['a whole address', ['GET', 'https://graph.facebook.com/me'], /path/],
    ['an address with a token', ['GET', 'https://x.example/me?access_token=tok-1'], /^(?!.*tok-1)/],
    ['a path that leads elsewhere', ['GET', '/61/../62'], /path/],
    ['an encoded one', ['GET', '/61/%2e%2e/62'], /path/],
    ['one with encoded slashes', ['GET', '/61/..%2f..%2f62'], /path/],
    ['one with an encoded backslash', ['GET', '/61%5c62'], /path/],
    ['another method', ['PUT', '/61'], /method/],
    ['a token as a parameter', ['GET', '/61', '-f', 'access_token=x'], /access_token/],
    ['a token in the path', ['GET', '/61?access_token=x'], /access_token/],
    ['--paginate with a write', ['POST', '/61', '--paginate'], /--paginate/],
    ['an account and an app', ['GET', '/61', '--app', 'whatsapp'], /--app/],
  ])('%s', async (_name, args, words) => {
    const own = await desk();
    const { code, error } = await own.failure('api', ...args, '--account', 'wa-61', '--yes');
    expect(code).toBe(2);
    expect(error.message).toMatch(words);
    expect(own.meta.requests).toEqual([]);
  });

  test('what does not say whose token is to be sent', async () => {
    const own = await desk();
    const { code, error } = await own.failure('api', 'GET', 'me');
    expect(code).toBe(2);
    expect(error.hint).toContain('--account');
    expect(await own.failure('api', 'GET', 'me', '--app', 'email')).toMatchObject({ code: 2 });
  });

  test('anybody but an admin', async () => {
    const own = await desk({ extra: { CHANNELCTL_ROLE: 'supervisor' } });
    const { code, error } = await own.failure('api', 'GET', 'me', '--account', 'fb-81');
    expect({ code, kind: error.kind }).toEqual({ code: 4, kind: 'not_allowed' });
  });
});
