import { expect, test } from 'vitest';
import { KEY, terminal } from '../support/terminal.ts';
import { APP_ID, whatsappDesk } from '../support/whatsapp.ts';

const BASE = 'https://desk.example.com/hooks';
const urlOf = (id: string) => `${BASE}/whatsapp/wa-${id}`;

function desk() {
  return whatsappDesk({
    wabas: [
      {
        id: '50',
        subscribed_apps: [{ id: APP_ID, override_callback_uri: urlOf('1') }],
        numbers: [{ id: '1' }, { id: '2' }],
      },
    ],
    accounts: ['1', '2'],
    extra: { CHANNELCTL_WEBHOOK_BASE_URL: BASE },
  });
}

test('webhooks set for a second number offers to set only the URL of that number', async () => {
  const { env, json } = await desk();
  const session = terminal(['webhooks', 'set', 'wa-2'], { env, columns: 200 });
  await session.shows('This also affects whatsapp/wa-1.');
  await session.shows('--level number');
  session.send(KEY.enter);
  expect(await session.end()).toEqual({ code: 0, isSane: true });
  expect(await json('webhooks', 'status', 'wa-2')).toMatchObject({
    called_url: urlOf('2'),
    source: 'number',
  });
  expect(await json('webhooks', 'status', 'wa-1')).toMatchObject({ called_url: urlOf('1') });
});

test('webhooks set can be cancelled, and then changes nothing', async () => {
  const { env, calls } = await desk();
  const session = terminal(['webhooks', 'set', 'wa-2'], { env, columns: 200 });
  await session.shows('--level number');
  session.send(KEY.down, KEY.down, KEY.enter);
  expect((await session.end()).code).toBe(130);
  expect(calls().filter(({ method }) => method !== 'GET')).toEqual([]);
});
