import { describe, expect, test } from 'vitest';
import { get } from '../sandbox/support.ts';
import { receiver } from '../support/webhook-desk.ts';
import { APP_ID, APP_SECRET, type SeedWaba, TOKEN, whatsappDesk } from '../support/whatsapp.ts';

const BASE = 'https://desk.example.com/hooks';
const ELSEWHERE = 'https://old.example.net/hook';
const urlOf = (id: string) => `${BASE}/whatsapp/wa-${id}`;
const FIELDS = ['messages', 'account_update', 'security', 'message_template_status_update'];

type Numbers = NonNullable<SeedWaba['numbers']>;

function desk({
  override,
  subscribed = true,
  first = {},
  second = {},
  accounts = ['1', '2'],
  extra = {},
}: {
  override?: string;
  subscribed?: boolean;
  first?: Partial<Numbers[number]>;
  second?: Partial<Numbers[number]>;
  accounts?: string[];
  extra?: Record<string, string>;
} = {}) {
  const own = {
    id: APP_ID,
    ...(override === undefined ? {} : { override_callback_uri: override }),
  };
  return whatsappDesk({
    wabas: [
      {
        id: '50',
        subscribed_apps: subscribed ? [own] : [],
        numbers: [
          { id: '1', ...first },
          { id: '2', ...second },
        ],
      },
    ],
    accounts,
    extra: { CHANNELCTL_WEBHOOK_BASE_URL: BASE, ...extra },
  });
}

type Desk = Awaited<ReturnType<typeof desk>>;

async function called({ meta }: Desk): Promise<(string | undefined)[]> {
  return Promise.all(
    ['1', '2'].map(async (id) => {
      const fields = { fields: 'webhook_configuration' };
      const { webhook_configuration: urls } = (await get(meta, `/${id}`, TOKEN, fields)).body;
      const { phone_number, whatsapp_business_account, application } = Object(urls);
      return phone_number ?? whatsapp_business_account ?? application;
    }),
  );
}

const changes = ({ calls }: Desk) => calls().filter(({ method }) => method !== 'GET');

describe('webhooks set --level number', () => {
  test('changes only this number, without a question', async () => {
    const on = await desk({ override: urlOf('1') });
    const result = await on.json('webhooks', 'set', 'wa-2', '--level', 'number');
    expect(result).toMatchObject({ called_url: urlOf('2'), source: 'number', fields: null });
    expect(await called(on)).toEqual([urlOf('1'), urlOf('2')]);
    const status = await on.json('webhooks', 'status', 'wa-2');
    expect(status).toMatchObject({ called_url: urlOf('2'), source: 'number', healthy: true });
    const [entry] = (await on.json('audit', 'list', '--account', 'wa-2')).slice(-1);
    const token = (await on.json('accounts', 'get', 'wa-2')).verify_token;
    expect(entry).toMatchObject({ action: 'meta.changed', command: 'webhooks set' });
    expect(JSON.stringify(entry)).not.toContain(token);
  });

  test('subscribes the app first, after a question if other accounts are affected', async () => {
    const on = await desk({ subscribed: false });
    const { code, error } = await on.failure('webhooks', 'set', 'wa-1', '--level', 'number');
    expect(code).toBe(2);
    expect(error.message).toContain('whatsapp/wa-2');
    expect(changes(on)).toEqual([]);
    await on.json('webhooks', 'set', 'wa-1', '--level', 'number', '--yes');
    expect(changes(on).map(({ operation }) => operation)).toEqual([
      'subscribeWaba',
      'setNumberWebhook',
    ]);
  });

  test('explains that the system user cannot manage the WABA', async () => {
    const on = await desk({ first: { webhook_override_denied: true } });
    const { code, error } = await on.failure('webhooks', 'set', 'wa-1', '--level', 'number');
    expect([code, error.kind, error.graph.code]).toEqual([4, 'not_allowed', 200]);
    expect(error.hint).toContain('system user');
    expect(error.hint).toContain('channelctl whatsapp subscribe whatsapp/wa-1');
  });

  test.each([
    ['HTTP Status Code = 404; HTTP Message = Not Found', 404],
    ['curl_errno = 52', null],
  ])(
    'reports the failed handshake in the words of Meta: %s',
    async (words, status) => {
      const on = await desk();
      const hook = await receiver((_asked, response) => {
        if (status === null) response.destroy();
        else response.writeHead(status).end();
      });
      for (const level of ['number', 'waba', 'app']) {
        const url = ['--level', level, '--url', hook.url, '--yes'];
        const { code, error } = await on.failure('webhooks', 'set', 'wa-1', ...url);
        expect([code, error.graph?.code, error.graph?.status]).toEqual([5, 2200, 400]);
        expect(error.message).toContain(words);
        expect(error.hint).toContain('hub.challenge');
      }
    },
    20_000,
  );
});

describe('webhooks set', () => {
  test('a second number does not take over the webhooks of the first one', async () => {
    const on = await desk({ override: urlOf('1') });
    for (const args of [
      ['webhooks', 'set', 'wa-2'],
      ['whatsapp', 'subscribe', 'wa-2', '--override'],
    ]) {
      const { code, error } = await on.failure(...args);
      expect([code, changes(on)]).toEqual([2, []]);
      expect(error.message).toContain('whatsapp/wa-1');
      expect(error.hint).toContain('channelctl webhooks set whatsapp/wa-2 --level number');
      expect(error.hint).toContain('--yes');
      expect(error.hint).toMatch(/ --level number --url \S+$/);
    }
    await on.json('webhooks', 'set', 'wa-2', '--yes');
    expect(await called(on)).toEqual([urlOf('2'), urlOf('2')]);
  });

  test('asks nothing if the other number has its own URL, or if nothing changes', async () => {
    const on = await desk({ override: urlOf('1'), first: { webhook_override: ELSEWHERE } });
    await on.json('webhooks', 'set', 'wa-2');
    expect(await called(on)).toEqual([ELSEWHERE, urlOf('2')]);
    const same = await desk({ override: 'HTTPS://Desk.example.com:443/hooks/whatsapp/wa-1' });
    await same.json('webhooks', 'set', 'wa-1');
  });

  test('asks about an account whose URL cannot be read', async () => {
    const on = await desk({ override: urlOf('1'), first: { webhook_override: ELSEWHERE } });
    on.meta.inject({ operation: '/1', code: 100, message: '(#100) No' });
    const { code, error } = await on.failure('webhooks', 'set', 'wa-2');
    expect([code, changes(on)]).toEqual([2, []]);
    expect(error.message).toContain('This also affects whatsapp/wa-1.');
  });

  test('--level app fails if Meta does not store the URL', async () => {
    const on = await desk();
    const { body } = await get(on.meta, `/${APP_ID}/subscriptions`, `${APP_ID}|${APP_SECRET}`);
    on.meta.inject({ operation: 'listAppSubscriptions', after: 1, body: Object(body) });
    const { code, error } = await on.failure(
      ...['webhooks', 'set', 'wa-1', '--level', 'app', '--url', `${BASE}/new`, '--yes'],
    );
    expect([code, error.kind]).toEqual([5, 'graph']);
    expect(error.message).toContain(`did not store it`);
    expect(error.message).toContain(`still ${BASE}/whatsapp/wa-1001`);
  });

  test.each([
    ['waba', 'number', { first: { webhook_override: ELSEWHERE } }],
    ['app', 'waba', { override: ELSEWHERE }],
    ['app', 'number', { first: { webhook_override: ELSEWHERE }, override: urlOf('1') }],
  ])(
    '%s: refuses a URL that the %s hides, and names the command that clears that',
    async (level, nearer, options) => {
      const on = await desk(options);
      const args = ['webhooks', 'set', 'wa-1', '--level', level, '--url', `${BASE}/new`, '--yes'];
      const { code, error } = await on.failure(...args);
      expect([code, changes(on)]).toEqual([2, []]);
      expect(error.message).toContain(ELSEWHERE);
      expect(error.hint).toContain(`channelctl webhooks unset whatsapp/wa-1 --level ${nearer}`);
      const line = /or change it: channelctl (.+)$/i.exec(error.hint)?.[1] ?? '';
      expect(line).toMatch(new RegExp(`--level ${nearer} --url \\S+$`));
      const set = await on.json(...line.split(' '), '--yes');
      expect(set).toMatchObject({ called_url: `${BASE}/new`, source: nearer });
      for (const [, line = ''] of error.hint.matchAll(
        /channelctl (webhooks unset \S+ --level \w+)/g,
      )) {
        await on.json(...line.split(' '), '--yes');
      }
      expect(await on.json(...args)).toMatchObject({ called_url: `${BASE}/new`, source: level });
      expect((await called(on))[0]).toBe(`${BASE}/new`);
    },
  );

  test.each(['replace', 'add'] as const)(
    '--level app keeps the fields of an app whose new ones %s them',
    async (mode) => {
      const on = await whatsappDesk({
        wabas: [
          { id: '50', subscribed_apps: [{ id: APP_ID }], numbers: [{ id: '1' }, { id: '2' }] },
        ],
        accounts: ['1', '2'],
        webhookFields: mode,
        webhooks: [
          {
            app_id: APP_ID,
            object: 'whatsapp_business_account',
            callback_url: ELSEWHERE,
            fields: ['calls', 'messages'],
          },
        ],
        extra: { CHANNELCTL_WEBHOOK_BASE_URL: BASE },
      });
      const refused = await on.failure('webhooks', 'set', 'wa-1', '--level', 'app');
      expect(refused.code).toBe(2);
      expect(refused.error.message).toContain(`instead of ${ELSEWHERE}`);
      expect(refused.error.message).toContain('whatsapp/wa-2');
      const result = await on.json('webhooks', 'set', 'wa-1', '--level', 'app', '--yes');
      expect(result).toMatchObject({ called_url: urlOf('1'), source: 'app' });
      expect(result.fields).toEqual(expect.arrayContaining(['calls', ...FIELDS]));
      // Nothing changes, so no question is asked.
      await on.json('webhooks', 'set', 'wa-1', '--level', 'app');
      const more = ['--level', 'app', '--webhook-fields', 'history, flows', '--yes'];
      const { fields } = await on.json('webhooks', 'set', 'wa-1', ...more);
      expect(fields).toEqual(expect.arrayContaining(['calls', ...FIELDS, 'history', 'flows']));
    },
  );

  test.each([
    [['--webhook-fields', 'messages'], 'requires --level app'],
    [['--level', 'app', '--webhook-fields', 'messages;x'], 'Invalid value'],
    [['--level', 'page'], 'page'],
  ])('rejects %j', async (args, words) => {
    const on = await desk();
    const { code, error } = await on.failure('webhooks', 'set', 'wa-1', ...args);
    expect([code, on.calls()]).toEqual([2, []]);
    expect(error.message).toContain(words);
  });
});

describe('webhooks unset', () => {
  const ALL = { override: urlOf('1'), first: { webhook_override: ELSEWHERE } };

  test('clears one level after the other, down to no URL', async () => {
    const on = await desk(ALL);
    const unset = (level: string) =>
      on.json('webhooks', 'unset', 'wa-1', '--level', level, '--yes');
    const app = `${BASE}/whatsapp/wa-1001`;
    expect(await unset('number')).toMatchObject({ called_url: urlOf('1'), source: 'waba' });
    expect(await unset('waba')).toMatchObject({ called_url: app, source: 'app' });
    expect(await called(on)).toEqual([app, app]);
    expect(await unset('app')).toMatchObject({ called_url: null, source: null });
    expect(changes(on).map(({ operation }) => operation)).toEqual([
      'setNumberWebhook',
      'subscribeWaba',
      'deleteAppSubscription',
    ]);
    const deleted = changes(on).at(-1);
    expect({ ...deleted?.query }).toMatchObject({ object: 'whatsapp_business_account' });
    for (const level of ['number', 'waba', 'app']) {
      const { code, stdout } = await on.cli('webhooks', 'unset', 'wa-1', '--level', level);
      expect(code).toBe(0);
      expect(stdout).toBe(
        'No webhook URL is set at this level. Meta calls no URL for whatsapp/wa-1.\n',
      );
    }
    expect(changes(on)).toHaveLength(3);
  });

  test.each(['number', 'waba', 'app'])('%s: asks first, and names the URL', async (level) => {
    const on = await desk(ALL);
    const { code, error } = await on.failure('webhooks', 'unset', 'wa-1', '--level', level);
    expect([code, changes(on)]).toEqual([2, []]);
    expect(error.message).toMatch(/https:\S+/);
    expect(error.message.includes('whatsapp/wa-2')).toBe(level !== 'number');
  });

  test('leaves the subscription of the app', async () => {
    const on = await desk(ALL);
    await on.json('webhooks', 'unset', 'wa-1', '--level', 'waba', '--yes');
    const { body } = await get(on.meta, '/50/subscribed_apps', TOKEN);
    expect(body.data).toEqual([
      { whatsapp_business_api_data: expect.objectContaining({ id: APP_ID }) },
    ]);
  });

  test('requires --level', async () => {
    const on = await desk();
    expect((await on.failure('webhooks', 'unset', 'wa-1')).code).toBe(2);
  });
});

test("the hint of webhooks status changes the number's own URL, which hides the others", async () => {
  const on = await desk({ first: { webhook_override: ELSEWHERE } });
  const { stdout } = await on.cli('webhooks', 'status', 'wa-1', '--json');
  const status = JSON.parse(stdout);
  expect(status).toMatchObject({ called_url: ELSEWHERE, source: 'number', healthy: false });
  const [{ hint }] = status.problems;
  expect(hint).toContain('channelctl webhooks unset whatsapp/wa-1 --level number');
  const line = /channelctl (webhooks set \S+ --level number)/.exec(hint)?.[1] ?? '';
  await on.json(...line.split(' '));
  expect(await on.json('webhooks', 'status', 'wa-1')).toMatchObject({ healthy: true });
});

test('connecting a second number leaves the override of the WABA', async () => {
  const on = await desk({ override: urlOf('1'), accounts: ['1'] });
  const ids = ['--config', 'phone_number_id=2', '--config', 'waba_id=50'];
  await on.json(
    ...['accounts', 'create', '--channel', 'whatsapp', ...ids],
    ...['--config', 'access_token=env:TOKEN'],
  );
  expect(await called(on)).toEqual([urlOf('1'), urlOf('1')]);
  expect(changes(on)).toEqual([]);
});

test('connecting a second number to a WABA without the app asks before it subscribes the app', async () => {
  const on = await desk({ subscribed: false, accounts: ['1'] });
  const ids = ['--config', 'phone_number_id=2', '--config', 'waba_id=50'];
  const create = ['accounts', 'create', '--channel', 'whatsapp', ...ids];
  const { code, error } = await on.failure(...create, '--config', 'access_token=env:TOKEN');
  expect([code, changes(on)]).toEqual([2, []]);
  expect(error.message).toContain('whatsapp/wa-1');
  await on.json(...create, '--config', 'access_token=env:TOKEN', '--yes');
  expect(changes(on).map(({ operation }) => operation)).toEqual(['subscribeWaba']);
});

test('unsubscribing names the other accounts of the WABA', async () => {
  const on = await desk();
  const { code, error } = await on.failure('whatsapp', 'unsubscribe', 'wa-1');
  expect(code).toBe(2);
  expect(error.message).toContain('whatsapp/wa-2');
});
