import { expect, test } from 'vitest';
import { instagramWebhooks } from '../../src/channels/instagram/webhooks.ts';
import { messengerWebhooks } from '../../src/channels/messenger/webhooks.ts';
import { judgeWebhooks } from '../../src/channels/meta/webhook-judgement.ts';
import { NO_NUMBER_LEVEL } from '../../src/channels/meta/webhooks.ts';
import type { StoredAccount } from '../../src/profile/types.ts';
import { webhookDesks } from '../support/webhook-desk.ts';

const desk = webhookDesks();

const CHANNELS = [
  { key: 'fb-81', webhooks: messengerWebhooks, subscribe: 'messenger connect --page 81' },
  { key: 'ig-71', webhooks: instagramWebhooks, subscribe: 'instagram subscribe instagram/ig-71' },
];

test.each(CHANNELS)(
  '$key: suggests only the commands for the sides that lack fields',
  async ({ key, webhooks, subscribe }) => {
    const own = await desk();
    const account: StoredAccount & { webhook_url: string } = await own.json('accounts', 'get', key);
    const setUrl = `channelctl webhooks set ${account.channel}/${key}`;
    const hint = (appFields: readonly string[], accountFields: readonly string[]) => {
      const app = { url: account.webhook_url, fields: appFields, active: true };
      const subscription = {
        subscribed: true,
        fields: accountFields,
        override: null,
        otherApps: [],
      };
      const { problems } = judgeWebhooks(
        {
          app: { value: app, error: null },
          own: { value: subscription, error: null },
          number: { value: NO_NUMBER_LEVEL, error: null },
        },
        {
          account,
          webhooks,
          appId: '700',
          webhookUrl: () => account.webhook_url,
          baseUrl: 'https://desk.example.com/hooks',
          accounts: [account],
        },
      );
      return problems.map((problem) => problem.hint);
    };
    const { fields } = webhooks;
    const both = [
      `Subscribe the app to the missing fields: ${setUrl}`,
      `Subscribe the account to the missing fields: channelctl ${subscribe}`,
    ];
    const some = ['messages'];
    expect(hint(fields, fields)).toEqual([]);
    expect(hint(some, fields)).toEqual([`Subscribe the app to the missing fields: ${setUrl}`]);
    expect(hint(fields, some)).toEqual([
      `Subscribe the account to the missing fields: channelctl ${subscribe}`,
    ]);
    // The app of an Instagram account determines its fields, so each side has its own problem.
    expect(hint(some, some)).toEqual(
      webhooks.sendsAllAppFields === true ? both : [both.toReversed().join('. ')],
    );
  },
);

test('suggests setting the base URL first, without which webhooks set fails', async () => {
  const own = await desk();
  const hint = async () => {
    const { stdout } = await own.cli('webhooks', 'status', 'fb-81', '--json');
    const { problems } = JSON.parse(stdout);
    return problems.find(({ part }: { part: string }) => part === 'address')?.hint;
  };
  const setUrl = 'channelctl webhooks set messenger/fb-81';
  expect(await hint()).toBe(`To set it, run: ${setUrl}`);
  await own.json('config', 'unset', 'webhook_base_url');
  expect((await own.failure('webhooks', 'set', 'fb-81', '--yes')).code).toBe(2);
  expect(await hint()).toBe(
    `To set it, run: channelctl config set webhook_base_url https://…, then ${setUrl}`,
  );
});
