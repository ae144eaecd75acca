import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MESSENGER_APP, type MetaDesk, metaDesks } from '../support/meta-desk.ts';

const desk = metaDesks();

/** Starts `apply`, whose document has a secret that waits for `resume`, after the state was read. */
async function planning(own: MetaDesk, entry: object) {
  const [started, go] = [join(own.configDir, 'started'), join(own.configDir, 'go')];
  const script = `: > ${started}; until [ -e ${go} ]; do sleep 0.02; done; echo ${MESSENGER_APP.secret}`;
  const document = {
    version: 1,
    integrations: [
      { channel: 'messenger', config: { app_secret: { command: ['sh', '-c', script] } } },
    ],
    accounts: [{ channel: 'messenger', account_key: 'fb-81', ...entry }],
  };
  const path = join(own.configDir, 'document.json');
  await writeFile(path, JSON.stringify(document));
  const running = own.cli('apply', '-f', path, '--yes', '--json');
  await expect.poll(() => existsSync(started), { timeout: 10_000 }).toBe(true);
  return async () => {
    await writeFile(go, '');
    const { code, stdout } = await running;
    return { code, steps: stdout === '' ? null : JSON.parse(stdout).steps };
  };
}

async function connected(): Promise<MetaDesk> {
  const own = await desk();
  await own.connectPage();
  return own;
}

/** Removes the subscription of the Page without changing the profile. */
async function unsubscribe(own: MetaDesk): Promise<void> {
  const call = ['api', 'DELETE', '81/subscribed_apps', '--account', 'messenger/fb-81', '--yes'];
  await own.json(...call);
}

const nameOf = async (own: MetaDesk) => (await own.json('accounts', 'get', 'fb-81')).display_name;

test('an app that was changed in the meantime is compared with Meta again', async () => {
  const own = await connected();
  const resume = await planning(own, { display_name: 'Books' });
  await own.json('integrations', 'set', 'messenger', '--config', 'app_id=701');
  expect(await resume()).toEqual({ code: 7, steps: null });
  expect(await nameOf(own)).toBe('Alder Books');
});

test('an account that was activated in the meantime is compared with Meta', async () => {
  const own = await connected();
  await unsubscribe(own);
  await own.json('accounts', 'update', 'fb-81', '--inactive');
  const resume = await planning(own, { display_name: 'Books' });
  await own.json('accounts', 'update', 'fb-81', '--active');
  expect(await resume()).toEqual({ code: 7, steps: null });
  expect(await nameOf(own)).toBe('Alder Books');
});

test('a plan that changes only Meta is made again, too', async () => {
  const own = await connected();
  await unsubscribe(own);
  const resume = await planning(own, {});
  await own.json('accounts', 'update', 'fb-81', '--inactive');
  const before = own.calls().filter((call) => call === 'subscribePage').length;
  expect(await resume()).toEqual({ code: 0, steps: [] });
  expect(own.calls().filter((call) => call === 'subscribePage')).toHaveLength(before);
});

test('a plan that changes only Meta is applied if the profile is unchanged', async () => {
  const own = await connected();
  await unsubscribe(own);
  const resume = await planning(own, {});
  expect(await resume()).toMatchObject({ code: 0, steps: [{ result: 'done' }] });
});
