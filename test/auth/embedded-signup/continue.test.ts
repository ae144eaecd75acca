import { expect, test, vi } from 'vitest';
import { run } from '../../support/cli.ts';
import { messageOf, NUMBER, postResult, prepareSignup, signupCode, WABA } from './support.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

test.each([true, 'true'])('a number of the app is not registered: %j', async (is_wa_login_user) => {
  const place = await prepareSignup();
  const { env, on, json } = place;
  const signup = run(['whatsapp', 'signup', '--no-browser', '--json'], env);
  const code = await signupCode(on);
  const ids = { waba_id: WABA, phone_number_id: NUMBER };
  const message = messageOf('FINISH', { ...ids, is_wa_login_user });
  await vi.waitFor(() => postResult(place, { code, message }), 10_000);
  expect((await signup).code).toBe(0);
  expect(on.requests.map(({ operation }) => operation)).not.toContain('registerPhoneNumber');
  const { config } = await json('accounts', 'get', `wa-${NUMBER}`);
  expect(config.is_on_biz_app).toBe(true);
});

test('a token that was stored before its number was known keeps its expiry', async () => {
  const place = await prepareSignup({ seed: 'whatsapp: { signup_tokens_expire: true }' });
  const { env, on, json } = place;
  const signup = run(['whatsapp', 'signup', '--no-browser', '--json'], env);
  const code = await signupCode(on);
  const message = messageOf('FINISH_ONLY_WABA', { waba_id: WABA });
  await vi.waitFor(() => postResult(place, { code, message }), 10_000);
  expect((await signup).code).toBe(2);
  await json(...['whatsapp', 'signup', '--waba-id', WABA, '--phone-number-id', NUMBER]);
  const { config } = await json('accounts', 'get', `wa-${NUMBER}`);
  expect(Date.parse(config.token_expires_at) - Date.now()).toBeGreaterThan(59 * DAY_MS);
});
