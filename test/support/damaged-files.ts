import {
  mkdir,
  readFile,
  rename,
  rm,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Home, home } from './cli.ts';

/** The files of a profile, and of the folder that contains it. */
export const FILES = {
  state: ({ stateFile }: Home) => stateFile(),
  secrets: ({ stateFile }: Home) => join(dirname(stateFile()), 'secrets.json'),
  journal: ({ stateFile }: Home) => join(dirname(stateFile()), 'journal.json'),
  lock: ({ stateFile }: Home) => `${dirname(stateFile())}.lock`,
  audit: ({ configDir }: Home) => join(configDir, 'audit', 'default', 'audit.jsonl'),
  archive: ({ configDir }: Home) =>
    join(configDir, 'audit', 'default', 'audit.2026-01-01T00-00-00.000Z-1.jsonl'),
  pending: ({ configDir }: Home) => join(configDir, 'audit', 'default', 'pending.jsonl'),
  certificate: ({ configDir }: Home) => join(configDir, 'tls', 'localhost.pem'),
} as const;

export type DamagedFile = keyof typeof FILES;

/** Contents of files that exist only during a change or after a sign-in. */
const CONTENTS: Partial<Record<DamagedFile, string>> = {
  journal: JSON.stringify({ version: 1, items: [{ store: 'file', item: 'an-unused-item' }] }),
  lock: JSON.stringify({ id: 'abc', pid: 1, host: 'elsewhere', started: null }),
  pending: `${JSON.stringify({ version: 1, state: 'digest-of-another-state' })}\n`,
  certificate: '-----BEGIN PRIVATE KEY-----\n',
};

export const DAMAGES = {
  empty: (path: string) => writeFile(path, ''),
  truncated: (path: string) => truncate(path, 20),
  binary: (path: string) => writeFile(path, Buffer.from([0, 255, 254, 128, 10, 0, 195, 40])),
  folder: async (path: string) => {
    await rm(path);
    await mkdir(path, { mode: 0o700 });
  },
  /** A link to itself cannot be read, even by root. */
  unreadable: async (path: string) => {
    await rm(path);
    await symlink(path, path);
  },
} as const;

export type Damage = keyof typeof DAMAGES;

/** Creates a profile with one mailbox and its password. */
export async function completeProfile(): Promise<Home> {
  const own = await home({
    // A Graph URL that refuses connections immediately.
    CHANNELCTL_GRAPH_URL: 'http://127.0.0.1:1',
    PASSWORD: 'password-of-the-mailbox',
  });
  const config = ['--config', 'address=a@example.com', '--config', 'password=env:PASSWORD'];
  await own.json('accounts', 'create', '--channel', 'email', '--account-key', 'a', ...config);
  return own;
}

/** Creates one file of a profile, if it does not exist yet. Returns its path. */
export async function createFile(own: Home, file: DamagedFile): Promise<string> {
  const path = FILES[file](own);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const content = file === 'archive' ? await readFile(FILES.audit(own)) : CONTENTS[file];
  if (content !== undefined) await writeFile(path, content, { mode: 0o600 });
  return path;
}

export async function damageFile(own: Home, file: DamagedFile, damage: Damage): Promise<string> {
  const path = await createFile(own, file);
  await DAMAGES[damage](path);
  // A lock that was just created could still be in the middle of being written.
  if (file === 'lock' && damage !== 'unreadable') await utimes(path, new Date(0), new Date(0));
  return path;
}

/** Replaces a folder with a file. */
export async function replaceFolder(path: string): Promise<void> {
  await rename(path, `${path}-before`);
  await writeFile(path, 'a file', { mode: 0o600 });
}
