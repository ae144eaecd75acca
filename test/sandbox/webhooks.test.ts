import { describe, expect, test } from 'vitest';
import { completeSeed, parseSeed } from '../../src/sandbox/seed/seed.ts';
import { receiver, rightAnswer } from '../support/webhook-desk.ts';
import { get, sandbox, send } from './support.ts';

const APP_TOKEN = '700|app-secret-700';
const PATH = '/700/subscriptions';

const subscription = (callback_url: string, fields = 'messages, feed') => ({
  object: 'page',
  callback_url,
  verify_token: 'verify-1',
  fields,
});

describe('app-level subscriptions of the sandbox', () => {
  test('accept a URL that passes the handshake, list it, and delete it', async () => {
    const meta = await sandbox();
    const hook = await receiver(rightAnswer('verify-1', 'unused'));
    const set = await send(meta, 'POST', PATH, APP_TOKEN, subscription(hook.url));
    expect(set.body).toEqual({ success: true });
    expect(hook.received[0]?.url.searchParams.get('hub.mode')).toBe('subscribe');
    expect((await get(meta, PATH, APP_TOKEN)).body).toEqual({
      data: [
        {
          object: 'page',
          callback_url: hook.url,
          active: true,
          fields: [
            { name: 'messages', version: 'v26.0' },
            { name: 'feed', version: 'v26.0' },
          ],
        },
      ],
    });
    await send(meta, 'DELETE', PATH, APP_TOKEN, { object: 'page' });
    expect((await get(meta, PATH, APP_TOKEN)).body).toEqual({ data: [] });
  });

  test('reject a URL that fails the handshake, and keep the previous one', async () => {
    const meta = await sandbox();
    const hook = await receiver(rightAnswer('verify-2', 'unused'));
    const { status, body } = await send(meta, 'POST', PATH, APP_TOKEN, subscription(hook.url));
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ code: 2200, message: expect.stringContaining('403') });
    expect((await get(meta, PATH, APP_TOKEN)).body).toEqual({ data: [] });
  });

  test('require the token of the app', async () => {
    const meta = await sandbox();
    const foreign = await get(meta, PATH, '701|app-secret-701');
    expect(foreign.body.error).toMatchObject({ code: 100, error_subcode: 33 });
    const page = await get(meta, PATH, meta.description.pages[0]?.access_token ?? '');
    expect(page.body.error).toMatchObject({ code: 15 });
    const none = await send(
      meta,
      'POST',
      PATH,
      APP_TOKEN,
      subscription('https://x.example', ' , '),
    );
    expect(none.body.error).toMatchObject({ code: 100 });
    const strange = subscription('https://x.example', 'messages,telepathy');
    const unknown = await send(meta, 'POST', PATH, APP_TOKEN, strange);
    expect(unknown.body.error).toMatchObject({ code: 100 });
    expect(unknown.body.error?.message).toContain('"telepathy"');
  });
});

const fieldsOf = async (on: Awaited<ReturnType<typeof sandbox>>) => {
  const data = Object((await get(on, PATH, APP_TOKEN)).body.data);
  return Object(data[0]).fields?.map(({ name }: { name: string }) => name);
};

describe('the fields of an app-level subscription', () => {
  test.each([
    ['are replaced', 'replace', ['feed']],
    ['are added to the old ones, if the seed says so', 'add', ['messages', 'feed']],
  ])('%s', async (_, mode, fields) => {
    const on = await sandbox(
      `apps: [{ id: "700", secret: app-secret-700, name: Desk, webhook_fields: ${mode} }]`,
    );
    for (const field of ['messages', 'feed']) {
      await send(on, 'POST', PATH, APP_TOKEN, subscription('https://x.example', field));
    }
    expect(await fieldsOf(on)).toEqual(fields);
  });

  test('are deleted one by one, or with the object', async () => {
    const on = await sandbox();
    await send(on, 'POST', PATH, APP_TOKEN, subscription('https://x.example'));
    await send(on, 'DELETE', PATH, APP_TOKEN, { object: 'page', fields: 'feed' });
    expect(await fieldsOf(on)).toEqual(['messages']);
    await send(on, 'DELETE', PATH, APP_TOKEN, { object: 'instagram' });
    expect(await fieldsOf(on)).toEqual(['messages']);
    await send(on, 'DELETE', PATH, APP_TOKEN, {});
    expect(await fieldsOf(on)).toBeUndefined();
  });
});

test.each([190, 101])(
  'graph.facebook.com rejects the ID and secret of an Instagram app with %d',
  async (code) => {
    const on = await sandbox(
      `instagram: { app_id: "800", app_secret: ig-secret, app_token_error: ${code} }`,
    );
    const { app_id, app_secret } = on.description;
    const set = (token: string, app: string) =>
      send(on, 'POST', `/${app}/subscriptions`, token, {
        ...subscription('https://desk.example', 'messages'),
        object: 'instagram',
      });
    const message = expect.stringContaining('Cannot get application info');
    for (const { body } of [
      await set('800|ig-secret', '800'),
      await set('800|ig-secret', app_id),
      await get(on, '/800/subscriptions', '800|ig-secret'),
    ]) {
      expect(body.error).toMatchObject({ code, message });
    }
    const other = await set(`${app_id}|${app_secret}`, '800');
    expect(other.body.error).toMatchObject({ code: 100, error_subcode: 33 });
    expect((await set(`${app_id}|${app_secret}`, app_id)).body).toEqual({ success: true });
  },
);

test('subscribes the default apps to messages, and an app of a seed only if the seed does', () => {
  // The seeds are an object, as in tests, and parsed text, as in `sandbox start`.
  for (const seed of [{}, parseSeed('{}'), parseSeed('faults: []')]) {
    const withMessages = completeSeed(seed).webhooks.filter(({ fields }) =>
      fields.includes('messages'),
    );
    expect(withMessages.map(({ object }) => object)).toEqual([
      'whatsapp_business_account',
      'page',
      'instagram',
    ]);
  }
  expect(completeSeed(parseSeed('webhooks: []')).webhooks).toEqual([]);
  expect(completeSeed({ apps: [{ id: '700', name: 'Small Desk' }] }).webhooks).toEqual([]);
});
