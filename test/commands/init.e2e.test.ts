import { join } from 'node:path';
import { expect, test } from 'vitest';
import { home } from '../support/cli.ts';
import { INSTAGRAM_APP, MESSENGER_APP, metaDesks } from '../support/meta-desk.ts';
import { KEY, terminal } from '../support/terminal.ts';

const desk = metaDesks();

test('sets up Messenger in an empty profile', async () => {
  const { env: at, meta } = await desk();
  const own = await home({ ...at, CHANNELCTL_CONFIG_DIR: '' });
  own.env.CHANNELCTL_CONFIG_DIR = own.configDir;
  own.env.CHANNELCTL_SECRETS = '';
  const session = terminal(['init'], { env: own.env, columns: 120, rows: 40 });
  await session.shows('Which channel?');
  session.send(KEY.down, KEY.enter);
  await session.shows('Where should secrets be stored?');
  session.send(KEY.down, KEY.enter);
  await session.shows('Redirect URI');
  await session.shows('http://localhost:8976/callback');
  session.send(KEY.enter);
  await session.shows('Meta app ID');
  session.send(MESSENGER_APP.id, KEY.enter);
  await session.shows('Meta app secret');
  session.send('not-the-secret-of-it', KEY.enter);
  await session.shows('Meta rejected the app ID or app secret.');
  session.send(MESSENGER_APP.id, KEY.enter);
  await session.shows(/Meta rejected(.|\n)*Meta app secret/);
  session.send(MESSENGER_APP.secret, KEY.enter);
  await session.shows('Meta accepted the app: Small Desk.');
  session.send(KEY.enter);
  await session.shows('channelctl messenger connect');
  expect(await session.end()).toEqual({ code: 0, isSane: true });

  expect(session.written()).not.toContain(MESSENGER_APP.secret);
  const asked = meta.requests.filter(({ operation }) => operation === 'debugToken');
  expect(asked.length).toBeGreaterThanOrEqual(2);
  const settings = await own.json('config', 'get', 'secrets');
  expect(settings).toMatchObject({ value: 'file', source: 'profile' });
  const { config } = await own.json('integrations', 'get', 'messenger', '--reveal');
  expect(config).toEqual({ app_id: MESSENGER_APP.id, app_secret: MESSENGER_APP.secret });
});

test('accepts only HTTPS redirect URIs and app IDs of digits for Instagram', async () => {
  const own = await home();
  const stdout = join(own.configDir, 'stdout');
  const session = terminal(['init', 'instagram'], {
    env: own.env,
    columns: 120,
    redirect: `>${stdout}`,
  });
  await session.shows('https://localhost:8976/callback');
  session.send('\x15http://desk.example.com/x', KEY.enter);
  await session.shows('Plain http: is allowed only for this machine');
  session.send('\x15https://localhost:9999/callback', KEY.enter);
  await session.shows('Instagram app ID');
  session.send('12x3', KEY.enter);
  await session.shows(/not a Meta ID(.|\n)*Instagram app ID/);
  session.send(INSTAGRAM_APP.id, KEY.enter);
  await session.shows('Instagram app secret');
  session.send(INSTAGRAM_APP.secret, KEY.enter);
  await session.shows('Meta app ID');
  session.send(MESSENGER_APP.id, KEY.enter);
  await session.shows('Meta app secret');
  session.send(MESSENGER_APP.secret, KEY.enter);
  expect((await session.end()).code).toBe(0);
  expect(session.written()).not.toContain(MESSENGER_APP.secret);
  const { config } = await own.json('integrations', 'get', 'instagram', '--reveal');
  expect(config).toMatchObject({
    meta_app_id: MESSENGER_APP.id,
    meta_app_secret: MESSENGER_APP.secret,
  });
  expect((await own.json('config', 'get', 'redirect_uri')).value).toBe(
    'https://localhost:9999/callback',
  );
});

test('stores nothing if interrupted', async () => {
  const own = await home();
  const session = terminal(['init', 'messenger'], { env: own.env, columns: 120 });
  await session.shows('Redirect URI');
  session.send(KEY.enter);
  await session.shows('Meta app ID');
  session.send(KEY.ctrlC);
  expect(await session.end()).toEqual({ code: 130, isSane: true });
  expect(await own.state()).toBeNull();
});

test('fails without a terminal, with a usage error that names the commands to use instead', async () => {
  const own = await home();
  const { code, error } = await own.failure('init', 'whatsapp');
  expect(code).toBe(2);
  expect(error.hint).toContain('channelctl integrations set whatsapp');
  expect(error.hint).toContain('channelctl config set secrets');
});

test('rejects a channel without an app', async () => {
  const own = await home();
  const { code, error } = await own.failure('init', 'email');
  expect(code).toBe(2);
  expect(error.hint).toContain('channelctl accounts create --channel email');
});

test('offers each secret store once, and fails with the reason if none can be used', async () => {
  const own = await home({ CHANNELCTL_SECRETS: '', CHANNELCTL_PASSPHRASE: '' });
  own.env.DBUS_SESSION_BUS_ADDRESS = 'unix:path=/nowhere';
  own.env.CHANNELCTL_PASSPHRASE_FILE = '/nowhere';
  const session = terminal(['init', 'messenger'], { env: own.env, columns: 120 });
  await session.shows('Where should secrets be stored?');
  session.send(KEY.down, KEY.enter);
  await session.shows('The passphrase cannot be read');
  session.send(KEY.enter);
  expect(await session.end()).toEqual({ code: 8, isSane: true });
  expect(session.written()).toContain('CHANNELCTL_SECRETS');
  expect(await own.state()).toBeNull();
});
