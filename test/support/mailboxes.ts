import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { ProfileState, StoredAccount } from '../../src/profile/types.ts';
import { type Home, home } from './cli.ts';
import { listen } from './mailbox.ts';

export const PASSWORD = 'password-of-the-desk';
export const OTHER_PASSWORD = 'password-of-sales';
export const APP_SECRET = 'app-secret-of-messenger';

/** A Graph URL that refuses connections immediately. */
export const NOWHERE = { CHANNELCTL_GRAPH_URL: 'http://127.0.0.1:1' };

/** A home with two mailboxes and the Messenger app, and a server that counts its connections. */
export async function mailboxes() {
  const own = await home({ ...NOWHERE, PASSWORD, APP_SECRET, OTHER: OTHER_PASSWORD });
  await own.json(
    ...['integrations', 'set', 'messenger', '--config', 'app_id=1'],
    ...['--config', 'app_secret=env:APP_SECRET'],
  );
  for (const [key, variable] of [
    ['desk', 'PASSWORD'],
    ['sales', 'OTHER'],
  ]) {
    await own.json(
      ...['accounts', 'create', '--channel', 'email', '--account-key', key ?? ''],
      ...['--config', `address=${key}@example.com`, '--config', 'imap_host=imap.example.com'],
      ...['--config', 'smtp_host=smtp.example.com', '--config', `password=env:${variable}`],
    );
  }
  let connections = 0;
  const server = createServer(() => {
    connections += 1;
  });
  const port = await listen(server);
  return { ...own, port, connections: () => connections, ...editing(own) };
}

export function editing(own: Pick<Home, 'stateFile'>) {
  const state = async (): Promise<ProfileState> =>
    JSON.parse(await readFile(own.stateFile(), 'utf8'));
  return {
    parsed: state,
    /** Changes the state file as someone who can write only this file. */
    async tamper(change: (state: Tampered) => void) {
      const edited = await state();
      change({ ...edited, account: (key) => accountIn(edited, key) });
      await writeFile(own.stateFile(), `${JSON.stringify(edited, null, 2)}\n`);
    },
  };
}

export type Tampered = ProfileState & { account(key: string): StoredAccount };

function accountIn({ accounts }: ProfileState, key: string): StoredAccount {
  const found = accounts.find(({ account_key }) => account_key === key);
  if (found === undefined) throw new Error(`no account ${key}`);
  return found;
}

export function itemOf(
  owner: { secrets: StoredAccount['secrets'] } | undefined,
  field: string,
): string {
  const item = owner?.secrets[field]?.item;
  if (item === undefined) throw new Error(`no ${field}`);
  return item;
}

export function assign(account: StoredAccount, item: string): void {
  const ref = account.secrets.password;
  if (ref === undefined) throw new Error('no password');
  ref.item = item;
}

export async function secretChecks({ cli }: Pick<Home, 'cli'>, ...args: string[]) {
  const { code, stdout } = await cli('doctor', ...args, '--json');
  const results: { check: string; status: string; message: string; hint: string }[] =
    JSON.parse(stdout);
  const of = (status: string) =>
    results.filter((one) => one.check === 'secrets' && one.status === status);
  return { code, errors: of('error'), warnings: of('warning'), oks: of('ok') };
}
