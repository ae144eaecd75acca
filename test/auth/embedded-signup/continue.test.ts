import { expect, test, vi } from 'vitest';
import { run } from '../../support/cli.ts';
import { messageOf, NUMBER, postResult, prepareSignup, signupCode, WABA } from './support.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

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
