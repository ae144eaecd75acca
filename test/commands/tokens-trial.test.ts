import { describe, expect, test } from 'vitest';
import { stoppedClock } from '../sandbox/support.ts';
import { signupCode } from '../sandbox/whatsapp-support.ts';
import { type Run, run } from '../support/cli.ts';
import { ADA, metaDesks } from '../support/meta-desk.ts';
import { WABA, whatsappDesk } from '../support/whatsapp.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const INSTAGRAM = `ig-${ADA.user_id}`;

const desk = metaDesks();

async function instagramDesk(instagram: string) {
  const clock = stoppedClock(Date.now());
  const at = await desk({ now: clock.now, renewals: { instagram } });
  await at.connectInstagram();
  clock.pass(2 * DAY_MS);
  return at;
}

async function numberDesk(renewal: 'invalid' | 'other_account') {
  const at = await whatsappDesk({
    wabas: [{ ...WABA, subscribed_apps: [] }, { id: '6000' }],
    whatsapp: { signup_tokens_expire: true },
    seed: { token_renewals: { business: renewal } },
  });
  const ids = ['--waba-id', '5000', '--phone-number-id', '1003'];
  await at.json('whatsapp', 'signup', '--code', await signupCode(at.meta, '1003'), ...ids);
  return at;
}

type Home = Awaited<ReturnType<typeof instagramDesk>> | Awaited<ReturnType<typeof numberDesk>>;

async function refresh(at: Pick<Home, 'env' | 'json'>, account: string) {
  const stored = async () => (await at.json('accounts', 'get', account, '--reveal')).config;
  const before = await stored();
  const { code, stdout }: Run = await run(['tokens', 'refresh', account, '--json'], at.env);
  const [result] = JSON.parse(stdout);
  return { code, result, after: await stored(), before };
}

describe('a renewed token', () => {
  test.each([
    ['Instagram', 'invalid', () => instagramDesk('invalid'), INSTAGRAM],
    ['Instagram', 'of another profile', () => instagramDesk('other_account'), INSTAGRAM],
    ['WhatsApp', 'invalid', () => numberDesk('invalid'), 'wa-1003'],
    ['WhatsApp', 'of another WABA', () => numberDesk('other_account'), 'wa-1003'],
  ])('of %s that is %s does not replace the old one', async (_, __, start, account) => {
    const { code, result, before, after } = await refresh(await start(), account);
    expect(code).toBe(6);
    expect(result).toMatchObject({
      refreshed: false,
      error: {
        message: expect.stringContaining('is not valid for this account'),
        hint: expect.stringContaining('The old token is still stored.'),
      },
      note: null,
    });
    expect(after).toEqual(before);
  });

  test('does not replace the old one if Meta cannot be reached', async () => {
    const at = await instagramDesk('later_expiry');
    at.meta.inject({ operation: 'getInstagramProfile', code: 2, times: 4 });
    const { code, result, before, after } = await refresh(at, INSTAGRAM);
    expect({ code, after }).toEqual({ code: 6, after: before });
    expect(result.error).toMatchObject({
      message: expect.stringContaining('Could not verify the new token'),
      graph: { code: 2 },
    });
    // The old token is still valid, so it can be refreshed again.
    expect((await refresh(at, INSTAGRAM)).result).toMatchObject({ refreshed: true, error: null });
  });

  test('of the Messenger integration that is invalid does not replace the old one', async () => {
    const at = await desk({ renewals: { user: 'invalid' } });
    await at.connectPage();
    const before = await at.json('integrations', 'get', 'messenger', '--reveal');
    const { code, stdout } = await at.cli(
      'tokens',
      'refresh',
      '--expiring-within',
      '61d',
      '--json',
    );
    const [result] = JSON.parse(stdout);
    expect({ code, ...result }).toMatchObject({
      ...{ code: 6, field: 'user_token', refreshed: false },
      error: { message: expect.stringContaining('The new token is not valid.') },
    });
    expect(await at.json('integrations', 'get', 'messenger', '--reveal')).toEqual(before);
  });

  test('is shown in the table with the next step', async () => {
    const at = await instagramDesk('other_account');
    const { stdout } = await at.cli('tokens', 'refresh', INSTAGRAM);
    expect(stdout.replace(/\s+/g, ' ')).toContain('Connect the correct profile');
  });
});
