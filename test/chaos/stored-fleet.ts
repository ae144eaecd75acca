import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fleet, fleetDocument, SEED } from '../declarative/fleet.ts';
import { bareEnvironment } from '../support/cli.ts';
import { variablesFor } from '../support/desk.ts';

/** Nothing listens here, and connecting fails at once. */
const CLOSED = '127.0.0.1:9';

export async function storedFleet() {
  const place = await fleet();
  const document = fleetDocument();
  document.settings = { webhook_base_url: `http://${CLOSED}/hooks` };
  const { instagram_app_id, instagram_app_secret, app_secret } = place.meta.description;
  Object.assign(place.env, { INSTAGRAM_SECRET: instagram_app_secret, META_SECRET: app_secret });
  document.integrations = [
    ...[document.integrations].flat(),
    {
      channel: 'instagram',
      config: {
        ...{ app_id: instagram_app_id, app_secret: { env: 'INSTAGRAM_SECRET' } },
        ...{ meta_app_id: '700', meta_app_secret: { env: 'META_SECRET' } },
      },
    },
  ];
  const applied = await place.with('apply', document, '--yes', '--json');
  if (applied.code !== 0) throw new Error(applied.stderr);
  const [imap, smtp] = ['imap', 'smtp'].map((name) => `${name}_host=127.0.0.1`);
  const hosts = ['--config', `${imap}`, '--config', `${smtp}`];
  const ports = ['--config', 'imap_port=9', '--config', 'smtp_port=9'];
  const updated = await place.cli('accounts', 'update', 'support', ...hosts, ...ports);
  if (updated.code !== 0) throw new Error(updated.stderr);
  const env = { ...bareEnvironment(place.configDir), ...variablesFor(place.meta) };
  await writeInputs(join(place.configDir, 'inputs'), env.CHANNELCTL_PASSPHRASE ?? '');
  return { configDir: place.configDir, env, meta: place.meta };
}

const MENU = `
persistent_menu:
  - locale: default
    call_to_actions: [{ type: postback, title: Talk to us, payload: TALK }]
`;

async function writeInputs(folder: string, passphrase: string): Promise<void> {
  await mkdir(folder, { mode: 0o700 });
  const files = {
    'menu.yaml': MENU,
    'config.json': '{"password":"a secret from a file","note":[1,null,{"a":"b"}]}',
    'secret.txt': 'a secret from a file\n',
    'empty.txt': '',
    'passphrase.txt': `${passphrase}\n`,
    'body.json': '{"subscribed_fields":["messages"],"a":{"b":[1]}}',
    'marked.txt': '\ufeffkey: value\r\n',
    'seed.yaml': SEED,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  await writeFile(join(folder, 'binary.bin'), Buffer.from([0, 0xff, 0xfe, 0x80, 10]));
}
