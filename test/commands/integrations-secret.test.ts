import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startSandbox } from '../../src/sandbox/start.ts';
import { home } from '../support/cli.ts';
import { variablesFor } from '../support/desk.ts';

const APPS = [
  { id: '700', secret: 'app-secret-700-of-the-desk', name: 'Desk' },
  { id: '701', secret: 'app-secret-701-of-the-desk', name: 'Other' },
];
const WRONG = 'not-the-secret-of-any-app';

async function storedWith(channel: string, ...keys: string[]) {
  const meta = await startSandbox({ port: 0, seed: { apps: APPS } });
  onTestFinished(() => meta.close());
  const secrets = {
    OLD: 'the-secret-before-the-reset',
    RIGHT: APPS[0]?.secret ?? '',
    OTHER: APPS[1]?.secret ?? '',
    WRONG,
  };
  const own = await home({ ...variablesFor(meta), ...secrets });
  const set = (...pairs: string[]) => [
    ...['integrations', 'set', channel],
    ...pairs.flatMap((pair) => ['--config', pair]),
  ];
  await own.json(...set(...keys));
  const config = async () => (await own.json('integrations', 'get', channel, '--reveal')).config;
  return { ...own, meta, set, config, tried: () => meta.requests.length };
}

describe('an app secret that replaces a stored one', () => {
  const stored = () => storedWith('messenger', 'app_id=700', 'app_secret=env:OLD');

  test('is verified with Meta once, and stored if Meta accepts it', async () => {
    const own = await stored();
    expect(own.tried()).toBe(0);
    const { code, stderr } = await own.cli(...own.set('app_secret=env:RIGHT'));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(own.tried()).toBe(1);
    expect((await own.config()).app_secret).toBe(APPS[0]?.secret);
  });

  test('is not stored if Meta rejects it, nor is anything else', async () => {
    const own = await stored();
    const before = await own.state();
    const { code, error } = await own.failure(...own.set('app_secret=env:WRONG', 'config_id=5'));
    expect({ code, kind: error.kind }).toEqual({ code: 5, kind: 'graph' });
    expect(error.message).toContain('app_id or app_secret');
    expect(error.hint).toContain('App settings');
    expect(error.graph).toMatchObject({ code: 190 });
    expect(JSON.stringify(error)).not.toContain(WRONG);
    expect(await own.state()).toBe(before);
    expect(own.tried()).toBe(1);
  });

  test('is verified together with a new app ID', async () => {
    const own = await stored();
    const mixed = await own.failure(...own.set('app_id=701', 'app_secret=env:RIGHT'));
    expect(mixed.code).toBe(5);
    const { code } = await own.cli(...own.set('app_id=701', 'app_secret=env:OTHER'));
    expect(code).toBe(0);
    expect(await own.config()).toEqual({ app_id: '701', app_secret: APPS[1]?.secret });
  });

  test.each([
    ['a rate limit', { code: 4 }],
    ['an app that is blocked', { code: 200, message: '(#200) API access blocked.' }],
  ])('is stored with a warning if Meta reports only %s', async (_, fault) => {
    const own = await stored();
    own.meta.inject({ operation: 'debugToken', ...fault });
    const { code, stderr } = await own.cli(...own.set('app_secret=env:WRONG'));
    expect(code).toBe(0);
    expect(stderr).toContain('could not be verified with Meta');
    expect((await own.config()).app_secret).toBe(WRONG);
  });

  test('is not verified if its value is invalid or masked, or there is no app ID', async () => {
    const own = await stored();
    expect((await own.failure(...own.set('app_secret=two words'))).code).toBe(2);
    expect((await own.cli(...own.set('app_secret=********eset', 'config_id=5'))).code).toBe(0);
    expect((await own.cli(...own.set('app_secret=env:OLD'), '--unset', 'app_id')).code).toBe(0);
    expect(own.tried()).toBe(0);
  });
});

test("the secret of Instagram's Meta app is verified, that of the Instagram app is not", async () => {
  const own = await storedWith(
    'instagram',
    ...['app_id=800', 'app_secret=env:OLD', 'meta_app_id=700', 'meta_app_secret=env:OLD'],
  );
  const { code, stderr } = await own.cli(...own.set('app_secret=env:WRONG'));
  expect({ code, stderr, tried: own.tried() }).toEqual({ code: 0, stderr: '', tried: 0 });
  const { error } = await own.failure(...own.set('meta_app_secret=env:WRONG'));
  expect(error.message).toContain('meta_app_id or meta_app_secret');
  expect((await own.cli(...own.set('meta_app_secret=env:RIGHT'))).code).toBe(0);
});

test('a mailbox or a first app secret is stored without calling Meta', async () => {
  const first = await storedWith('whatsapp', 'app_id=700', 'app_secret=env:WRONG');
  const email = await storedWith('email', 'app_id=700', 'app_secret=env:OLD');
  await email.json(...email.set('app_secret=env:WRONG'));
  expect([first.tried(), email.tried()]).toEqual([0, 0]);
});

describe('apply', () => {
  const applied = async (secret: string, ...args: string[]) => {
    const own = await storedWith('messenger', 'app_id=700', 'app_secret=env:OLD');
    const file = join(own.configDir, 'document.json');
    const config = { app_secret: { env: secret }, config_id: '5' };
    const integrations = [{ channel: 'messenger', config }];
    await writeFile(file, JSON.stringify({ version: 1, integrations }));
    const { code, stdout } = await own.cli('apply', '-f', file, '--yes', '--json', ...args);
    const { steps } = JSON.parse(stdout);
    return { own, code, steps, config: await own.config() };
  };

  test('stores a new app secret that Meta accepts', async () => {
    const { code, steps, config, own } = await applied('RIGHT');
    expect({ code, tried: own.tried() }).toEqual({ code: 0, tried: 1 });
    expect(steps).toMatchObject([{ part: 'integration', result: 'done' }]);
    expect(config).toMatchObject({ app_secret: APPS[0]?.secret, config_id: '5' });
  });

  test('keeps the stored app secret if Meta rejects the new one', async () => {
    const { code, steps, config } = await applied('WRONG');
    expect(code).toBe(5);
    expect(steps).toMatchObject([
      { result: 'failed', error: { message: expect.stringContaining('Meta rejected app_id or') } },
    ]);
    expect(config).toEqual({ app_id: '700', app_secret: 'the-secret-before-the-reset' });
  });

  test('does not call Meta with --offline', async () => {
    const { code, config, own } = await applied('WRONG', '--offline');
    expect({ code, tried: own.tried() }).toEqual({ code: 0, tried: 0 });
    expect(config.app_secret).toBe(WRONG);
  });
});
