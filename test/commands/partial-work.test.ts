import { mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Sandbox } from '../../src/sandbox/types.ts';
import { signupCode } from '../sandbox/whatsapp-support.ts';
import { type Home, type Run, run } from '../support/cli.ts';
import { desks, withCode } from '../support/desk.ts';
import { interruptedRun } from '../support/interrupted-run.ts';
import { ADA, HTTPS_REDIRECT, instagramCode, metaDesks } from '../support/meta-desk.ts';
import { connect, revealedPin, sentPins, WABA, whatsappDesk } from '../support/whatsapp.ts';

const messengerDesk = desks();
const instagramDesk = metaDesks();
const HOOK = 'https://desk.example.com/hook';

type At = Pick<Home, 'env' | 'configDir'> & { meta: Sandbox };

/**
 * Interrupts a command while it waits for the response to `operation`, apart from the first `after`
 * ones.
 */
async function interruptedIn(operation: string, at: At, args: string[], after = 0) {
  const earlier = at.meta.requests.length;
  at.meta.inject({ operation, after, delay_ms: 20_000 });
  const isSent = () =>
    at.meta.requests.slice(earlier).filter((request) => request.operation === operation).length >
    after;
  return failureIn(await interruptedRun([...args, '--json'], at.env, isSent));
}

/** Makes the next change fail while a command waits for the response to `operation`. */
async function unstorableIn(operation: string, at: At, args: string[]) {
  at.meta.inject({ operation, delay_ms: 500 });
  const running = run([...args, '--json'], at.env);
  await expect
    .poll(() => at.meta.requests.some((request) => request.operation === operation))
    .toBe(true);
  const folder = join(at.configDir, 'audit', 'default');
  await mkdir(folder, { recursive: true });
  await rm(join(folder, 'audit.jsonl'), { force: true });
  await symlink('elsewhere', join(folder, 'audit.jsonl'));
  return failureIn(await running);
}

function failureIn({ code, stdout, stderr }: Run) {
  return { code, stdout, error: JSON.parse(stderr.trim().split('\n').at(-1) ?? '').error };
}

async function runCommandsIn(hint: string, at: Home): Promise<void> {
  const commands = [...hint.matchAll(/channelctl ([^,]+)/g)].map(([, line]) => line ?? '');
  expect(commands).not.toEqual([]);
  for (const line of commands) await at.json(...line.trim().split(' '));
}

describe('whatsapp signup', () => {
  const desk = () => whatsappDesk({ wabas: [{ ...WABA, subscribed_apps: [] }] });
  const signup = async ({ meta }: Pick<At, 'meta'>, ...ids: string[]) => {
    const code = await signupCode(meta, '1003');
    return ['whatsapp', 'signup', '--code', code, '--waba-id', '5000', ...ids];
  };
  const NUMBER = ['--phone-number-id', '1003'];

  test.each(['getPhoneNumber', 'listWabaSubscriptions', 'subscribeWaba', 'registerPhoneNumber'])(
    'interrupted in %s: the named commands finish it',
    async (operation) => {
      const at = await desk();
      const { code, error } = await interruptedIn(operation, at, await signup(at, ...NUMBER));
      expect(code).toBe(130);
      expect(error.message).toMatch(
        /^Cancelled\. .*The account whatsapp\/wa-1003 and its token are/,
      );
      expect(error.hint).toMatch(/^To finish, run: channelctl whatsapp /);
      await runCommandsIn(error.hint, at);
      const [health] = [await at.json('whatsapp', 'health', 'wa-1003')];
      expect(health).toMatchObject({ healthy: true, subscribed_ok: true });
      expect(sentPins(at)).toContain(await revealedPin(at, '1003'));
    },
  );

  test('interrupted while the code is exchanged: nothing is stored', async () => {
    const at = await desk();
    const { code, error } = await interruptedIn(
      'exchangeSignupCode',
      at,
      await signup(at, ...NUMBER),
    );
    expect([code, error.message]).toEqual([130, expect.not.stringContaining('stored')]);
    expect(await at.json('accounts', 'list')).toEqual([]);
  });

  test('reports the stored account if its PIN cannot be stored', async () => {
    const at = await desk();
    const { code, error } = await unstorableIn('subscribeWaba', at, await signup(at, ...NUMBER));
    expect(code).toBe(8);
    expect(error.message).toContain('The account whatsapp/wa-1003 and its token are stored');
    expect(sentPins(at)).toEqual([]);
    expect(error.hint).toContain('To finish, run: channelctl whatsapp register whatsapp/wa-1003');
  });
});

describe('accounts create --channel whatsapp', () => {
  const desk = () => whatsappDesk({ wabas: [{ ...WABA, subscribed_apps: [] }] });

  test.each([
    ['registerPhoneNumber', 'Meta did not confirm any step; the account was not stored.'],
    ['subscribeWaba', 'Meta has already registered the number; the account was not stored.'],
  ])('interrupted in %s: the same command finishes it', async (operation, reason) => {
    const at = await desk();
    const { code, error } = await interruptedIn(operation, at, connect('1003'));
    expect(code).toBe(130);
    expect(error.message).toContain(reason);
    expect(error.hint).toContain('To continue, run the same command again.');
    await at.json(...connect('1003'));
    expect(new Set(sentPins(at))).toEqual(new Set([await revealedPin(at, '1003')]));
  });

  test('reports the completed steps if the account cannot be stored', async () => {
    const at = await desk();
    const { code, error } = await unstorableIn('subscribeWaba', at, connect('1003'));
    expect(code).toBe(8);
    expect(error.message).toContain('Meta has already registered the number and subscribed');
    expect(await at.json('accounts', 'list')).toEqual([]);
  });
});

describe('messenger connect', () => {
  test('interrupted while it lists Pages: the stored user token connects them', async () => {
    const at = await messengerDesk();
    const { code, error } = await interruptedIn(
      'listPages',
      at,
      await withCode(at, '--page', '81'),
    );
    expect(code).toBe(130);
    expect(error.message).toContain('The user token is stored.');
    expect(error.hint).toMatch(/^To continue, run: channelctl messenger pages --page <id> or /);
    const { pages } = await at.json('messenger', 'pages', '--page', '81');
    expect(pages).toMatchObject([{ id: '81', connected: true }]);
  });

  test('reports the stored user token if no Page can be stored', async () => {
    const at = await messengerDesk();
    const args = await withCode(at, '--page', '81');
    const { code, error } = await unstorableIn('subscribePage', at, args);
    expect(code).toBe(8);
    expect(error.message).toContain('The user token is stored.');
  });

  test('does not suggest the stored user token for a Page that it has no access to', async () => {
    const at = await messengerDesk();
    const { code, error } = await at.failure(...(await withCode(at, '--page', '83')));
    expect([code, error.hint]).toEqual([3, expect.not.stringContaining('messenger pages')]);
  });
});

test('instagram connect, interrupted while it subscribes: the named command finishes it', async () => {
  const at = await instagramDesk();
  const code = await instagramCode(at.meta);
  const args = ['instagram', 'connect', '--code', code, '--redirect-uri', HTTPS_REDIRECT];
  const { code: exit, error } = await interruptedIn('subscribeInstagram', at, args);
  expect(exit).toBe(130);
  expect(error.message).toMatch(/^Cancelled\. .*The account is stored\.$/);
  expect(error.hint).toBe(
    `To subscribe the app, run: channelctl instagram subscribe instagram/ig-${ADA.user_id}`,
  );
  await runCommandsIn(error.hint, at);
});

describe('webhooks set', () => {
  const desk = () =>
    whatsappDesk({ wabas: [{ ...WABA, subscribed_apps: [] }], accounts: ['1002'], webhooks: [] });

  test.each([
    ['waba', 'subscribeWaba', 'The app is now subscribed to the webhooks.'],
    ['number', 'setNumberWebhook', 'The app is now subscribed to the webhooks.'],
    ['app', 'subscribeWaba', "The app's webhook URL is set."],
  ])(
    '--level %s, interrupted in %s: the same command finishes it',
    async (level, operation, done) => {
      const at = await desk();
      if (level !== 'app') {
        await at.json('webhooks', 'set', 'wa-1002', '--level', 'app', '--url', HOOK, '--yes');
        await at.json('whatsapp', 'unsubscribe', 'wa-1002', '--yes');
      }
      const args = ['webhooks', 'set', 'wa-1002', '--level', level, '--url', HOOK, '--yes'];
      const { code, error } = await interruptedIn(operation, at, args, level === 'waba' ? 1 : 0);
      expect(code).toBe(130);
      expect(error.message).toContain(done);
      expect(error.hint).toBe('To finish, run the same command again.');
      expect(await at.json(...args)).toMatchObject({ success: true, called_url: HOOK });
    },
  );
});
