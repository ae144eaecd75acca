import { describe, expect, onTestFinished, test } from 'vitest';
import type { Seed } from '../../src/sandbox/seed/seed.ts';
import { startSandbox } from '../../src/sandbox/start.ts';
import { get, stoppedClock } from '../sandbox/support.ts';
import { run } from '../support/cli.ts';
import {
  type GrantsDesk as Desk,
  grantsDesk as desk,
  inDays,
  SECRET,
} from '../support/grants-desk.ts';

const NOW = Date.UTC(2026, 7, 1);

describe('the token of a Page', () => {
  test('is healthy if it was granted for this Page or for all Pages', async () => {
    for (const token_targets of [undefined, { pages_messaging: [] }, { pages_messaging: ['81'] }]) {
      const at = await desk({ page: { token_targets } });
      expect(await at.check('fb-81')).toMatchObject({ healthy: true, problems: [] });
    }
  });

  test('is reported if a required permission was granted only for other Pages', async () => {
    const at = await desk({ page: { token_targets: { pages_messaging: ['82'] } } });
    const { healthy, problems } = await at.check('fb-81');
    expect(healthy).toBe(false);
    expect(problems).toMatchObject([
      {
        part: 'token',
        severity: 'error',
        message: expect.stringMatching(/pages_messaging .*another Page, not for Page 81/),
        hint: expect.stringContaining('channelctl messenger connect --page 81'),
      },
    ]);
    const [status] = await at.status();
    expect(status).toMatchObject({ account_key: 'fb-81', healthy: false, problems });
  });

  test.each([
    ['expires soon', { token_expires_at: inDays(5) }, 'warning', 'token expires at'],
    [
      'loses its data access soon',
      { token_data_access_expires_at: inDays(5) },
      'warning',
      "token's data access expires",
    ],
    [
      'has lost its data access',
      { token_data_access_expires_at: inDays(-1) },
      'error',
      'the user must sign in again',
    ],
  ])('is reported if it %s', async (_, page, severity, message) => {
    const at = await desk({ page });
    const { healthy, problems } = await at.check('fb-81');
    expect(healthy).toBe(severity === 'warning');
    expect(problems).toMatchObject([
      {
        ...{ part: 'token', severity, message: expect.stringContaining(message) },
        hint: expect.stringContaining('channelctl messenger connect --page 81'),
      },
    ]);
  });

  test('is healthy if its data access never expires', async () => {
    const at = await desk({ page: { token_data_access_expires_at: null } });
    const { healthy, problems, details } = await at.check('fb-81');
    expect({ healthy, problems }).toEqual({ healthy: true, problems: [] });
    expect(details.data_access_expires_at).toBeNull();
  });

  test('is reported if another app issued it', async () => {
    const at = await desk({ page: { token_app_id: '999' } });
    const [first] = (await at.check('fb-81')).problems;
    expect(first).toMatchObject({ part: 'token', severity: 'error', graph: { code: 100 } });
    expect(first.message).toContain('belongs to another app, not to app 700');
    expect(first.hint).toContain('channelctl messenger connect --page 81');
    expect(first.hint).toContain('channelctl integrations set messenger');
  });
});

describe('a business token', () => {
  test.each(['whatsapp_business_management', 'whatsapp_business_messaging'])(
    'is reported if %s was granted only for another WABA',
    async (permission) => {
      const at = await desk({ whatsapp: { business_token_targets: { [permission]: ['52'] } } });
      const health = await at.health();
      expect(health).toMatchObject({ healthy: false, problems: [{ part: 'waba' }] });
      expect(health.problems[0].message).toContain(permission);
      expect(health.problems[0].message).toContain('not for WABA 51');
      expect((await at.check('wa-61')).problems).toEqual(health.problems);
    },
  );

  test('is healthy if it was granted for this WABA too, or for all', async () => {
    for (const targets of [['52', '51'], []]) {
      const business_token_targets = { whatsapp_business_management: targets };
      const at = await desk({ whatsapp: { business_token_targets } });
      expect(await at.health()).toMatchObject({ healthy: true, problems: [] });
    }
  });
});

async function subscriptionProblems(at: Desk, account: string) {
  const { problems } = await at.check(account);
  const found = problems.filter(({ message }: { message: string }) =>
    message.includes('not subscribed'),
  );
  const { stdout } = await run(['webhooks', 'status', account, '--json'], at.env);
  const status = stdout === '' ? null : JSON.parse(stdout);
  return { found, ofStatus: status?.problems ?? [] };
}

describe('a token that seems to belong to another app, without an app secret', () => {
  test('is reported with both apps, and without advice to subscribe', async () => {
    const at = await desk({
      secret: false,
      subscribed: ['999'],
      whatsapp: { business_token_app_id: '999' },
    });
    const { found, ofStatus } = await subscriptionProblems(at, 'wa-61');
    expect(found).toHaveLength(1);
    expect(found[0].message).toContain('App 700 is not subscribed');
    expect(found[0].message).toContain('App 999 is subscribed: the access token may belong');
    expect(found[0].hint).not.toContain('whatsapp subscribe');
    expect(found[0].hint).toContain('integrations set whatsapp --config app_secret=@file');
    expect(found[0].hint).toContain('accounts update whatsapp/wa-61 --config access_token=@file');
    expect(found[0].hint).toContain('integrations set whatsapp --config app_id=999');
    const { hint, message } = found[0];
    expect(ofStatus).toContainEqual(expect.objectContaining({ hint, message }));
    expect((await at.health()).problems).toContainEqual(found[0]);
  });

  test('is certain once the app secret is stored', async () => {
    const at = await desk({ subscribed: ['999'], whatsapp: { business_token_app_id: '999' } });
    const { problems } = await at.health();
    expect(problems[0].message).toContain('belongs to another app, not to app 700');
    expect(JSON.stringify(problems)).not.toContain('whatsapp subscribe');
  });

  test.each([
    ['no app is subscribed', [], false],
    ['the token is ours, as the app secret shows', ['999'], true],
  ])('is not suspected if %s', async (_, subscribed, secret) => {
    const at = await desk({ subscribed, secret });
    const { found } = await subscriptionProblems(at, 'wa-61');
    expect(found[0].message).not.toContain('may belong');
    expect(found[0].hint).toBe('Subscribe the app: channelctl whatsapp subscribe whatsapp/wa-61');
  });

  test('is not suspected if our app is subscribed as well', async () => {
    const at = await desk({ subscribed: ['999', '700'], secret: false });
    expect((await subscriptionProblems(at, 'wa-61')).found).toEqual([]);
  });

  test('is reported for a Page and for an Instagram profile', async () => {
    const at = await desk({
      secret: false,
      page: { subscribed_apps: [{ id: '999', subscribed_fields: ['messages'] }] },
      onInstagram: ['998', '999'],
    });
    const page = (await subscriptionProblems(at, 'fb-81')).found[0];
    expect(page.message).toContain('App 999 is subscribed');
    expect(page.hint).toContain('channelctl messenger connect --page 81');
    const profile = (await subscriptionProblems(at, 'ig-71')).found[0];
    expect(profile.message).toContain('The apps 998 and 999 are subscribed');
    expect(profile.hint).not.toContain('instagram subscribe');
    expect(profile.hint).toContain('channelctl instagram connect');
  });
});

test('the sandbox reports the grants and the data access of the seed', async () => {
  const { now } = stoppedClock(NOW);
  const seed: Seed = {
    apps: [{ id: '700', secret: SECRET, name: 'Desk' }],
    pages: [
      {
        ...{ id: '81', name: 'Alder', token_targets: { pages_messaging: ['82'] } },
        token_data_access_expires_at: '2026-08-02T00:00:00Z',
      },
    ],
  };
  const meta = await startSandbox({ port: 0, seed, now });
  onTestFinished(() => meta.close());
  const input_token = meta.description.pages[0]?.access_token ?? '';
  const ask = (token: string) => get(meta, '/debug_token', token, { input_token });
  expect((await ask(`700|${SECRET}`)).body.data).toMatchObject({
    data_access_expires_at: NOW / 1000 + 86_400,
    granular_scopes: expect.arrayContaining([{ scope: 'pages_messaging', target_ids: ['82'] }]),
  });
  const wrong = await ask('700|another-secret');
  expect(wrong).toMatchObject({
    status: 400,
    body: { error: { code: 190, message: 'Invalid OAuth access token signature.' } },
  });
});
