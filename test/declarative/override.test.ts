import { expect, test } from 'vitest';
import { get, send } from '../sandbox/support.ts';
import { type Draft, fleet, fleetDocument, inShort } from './fleet.ts';

const BASE = 'https://desk.example.com/hooks';
const ELSEWHERE = 'https://old.example.net/hook';
const TOKEN = 'EAA-business-token-of-the-desk';
const urlOf = (id: string) => `${BASE}/whatsapp/wa-${id}`;

type Fleet = Awaited<ReturnType<typeof fleet>>;

function documentWith(overrides: Record<string, unknown>): Draft {
  const { settings, integrations, accounts } = fleetDocument();
  const listed = Object(accounts).filter(
    ({ account_key }: { account_key: string }) => account_key.slice(3) in overrides,
  );
  const subscriptions = Object.fromEntries(
    Object.entries(overrides).map(([id, override]) => [
      `whatsapp/wa-${id}`,
      override === undefined ? {} : { override },
    ]),
  );
  return { version: 1, settings, integrations, accounts: listed, subscriptions };
}

async function urlsOf({ meta }: Fleet, id: string) {
  const fields = { fields: 'webhook_configuration' };
  const urls = Object((await get(meta, `/${id}`, TOKEN, fields)).body.webhook_configuration);
  return { number: urls.phone_number, waba: urls.whatsapp_business_account };
}

async function setNumber({ meta }: Fleet, id: string, url: string) {
  await fetch(`${meta.urls.graph_url}/v26.0/${id}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      webhook_configuration: { override_callback_uri: url, verify_token: 't' },
    }),
  });
}

test('one number has its own URL and another that of the WABA, on a WABA without the app', async () => {
  const on = await fleet();
  const document = documentWith({ '5011': 'number', '5012': 'waba' });
  expect(await on.result('apply', document, '--yes')).toMatchObject({ code: 0, success: true });
  expect(await urlsOf(on, '5011')).toEqual({ number: urlOf('5011'), waba: urlOf('5012') });
  expect(await urlsOf(on, '5012')).toEqual({ number: undefined, waba: urlOf('5012') });
  expect(await on.result('plan', document, '--check')).toMatchObject({ code: 0, notes: [] });
  const { subscriptions } = (await on.exported()).document;
  expect(subscriptions['whatsapp/wa-5011'].override).toBe('number');
  expect(subscriptions['whatsapp/wa-5012'].override).toBe(true);
  const again = documentWith({ '5011': 'number', '5012': true });
  expect(await on.result('plan', again, '--check')).toMatchObject({ code: 0 });
});

test('the subscription for one number does not remove the URL that another has just set', async () => {
  const on = await fleet();
  await on.result('apply', documentWith({ '5011': undefined, '5012': undefined }), '--yes');
  await send(on.meta, 'DELETE', '/501/subscribed_apps', TOKEN, undefined);
  // If both numbers were changed concurrently, the app would be subscribed again for 5012, based on
  // a read that is older than the override.
  const operation = 'listWabaSubscriptions';
  on.meta.inject({ operation, after: 1, delay_ms: 500 });
  on.meta.inject({ operation, after: 1, delay_ms: 200 });
  const document = documentWith({ '5011': 'waba', '5012': 'number' });
  expect(await on.result('apply', document, '--yes')).toMatchObject({ code: 0, success: true });
  expect((await urlsOf(on, '5011')).waba).toBe(urlOf('5011'));
});

test('plan shows the change of the URL of a number, and apply logs the earlier one', async () => {
  const on = await fleet();
  await on.result('apply', documentWith({ '5012': undefined }), '--yes');
  await setNumber(on, '5012', ELSEWHERE);
  const { code, steps } = await on.result('plan', documentWith({ '5012': 'number' }), '--check');
  expect(code).toBe(6);
  expect(inShort(steps)).toEqual(['~ subscription whatsapp/wa-5012']);
  const field = 'webhook_configuration.override_callback_uri';
  expect(steps[0].changes).toEqual([{ field, before: ELSEWHERE, after: urlOf('5012') }]);
  await on.result('apply', documentWith({ '5012': 'number' }), '--yes');
  const [entry] = (await on.json('audit', 'list')).slice(-1);
  expect(entry.changes).toContainEqual(
    expect.objectContaining({
      field: 'webhook_configuration',
      before: { override_callback_uri: ELSEWHERE },
    }),
  );
});

test.each([true, 'waba', false, undefined])(
  'override %s: plan notes the URL of a number, which hides the others, and does not clear it',
  async (override) => {
    const on = await fleet();
    await on.result('apply', documentWith({ '5012': undefined }), '--yes');
    await setNumber(on, '5012', ELSEWHERE);
    const document = documentWith({ '5012': override });
    await on.result('apply', document, '--yes');
    const { code, notes } = await on.result('plan', document, '--check');
    expect(code).toBe(0);
    expect(notes).toEqual([
      {
        name: 'whatsapp/wa-5012',
        message: expect.stringContaining(ELSEWHERE),
        hint: 'To clear it, run: channelctl webhooks unset whatsapp/wa-5012 --level number',
      },
    ]);
    expect((await urlsOf(on, '5012')).number).toBe(ELSEWHERE);
    const { stdout } = await on.with('plan', document);
    expect(stdout).toContain('note: whatsapp/wa-5012');
  },
);

test('plan notes accounts that are not in the document, if their webhooks change too', async () => {
  const on = await fleet();
  await on.result('apply', documentWith({ '5011': undefined, '5012': undefined }), '--yes');
  const { notes } = await on.result('plan', documentWith({ '5012': 'waba' }));
  expect(notes).toMatchObject([{ name: 'whatsapp/wa-5011' }]);
  expect(notes[0].message).toContain('whatsapp/wa-5012');
  expect((await on.result('plan', documentWith({ '5012': 'number' }))).notes).toEqual([]);
});

test('a document without an override leaves that of the WABA', async () => {
  const on = await fleet();
  await on.result('apply', documentWith({ '5011': 'waba' }), '--yes');
  await on.result('apply', documentWith({ '5011': undefined, '5012': undefined }), '--yes');
  expect((await urlsOf(on, '5012')).waba).toBe(urlOf('5011'));
});

test.each([
  [{ '5011': 'waba', '5012': true }, 'already overrides the webhook URL of the same WABA'],
  [{ '5011': 'app' }, 'is not one of true, false, number, waba'],
])('rejects %j', async (overrides, words) => {
  const on = await fleet();
  const { code, stderr } = await on.with('plan', documentWith(overrides));
  expect(code).toBe(2);
  expect(stderr).toContain(words);
});
