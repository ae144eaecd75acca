import { spawnSync } from 'node:child_process';
import {
  chmod,
  chown,
  lchown,
  lstat,
  mkdir,
  readFile,
  rename,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { listProfiles } from '../../src/profile/paths.ts';
import { ownedSecrets } from '../../src/profile/secret-refs.ts';
import { emptyState, readState } from '../../src/profile/state-file/read.ts';
import { writeState } from '../../src/profile/state-file/write.ts';
import { replaceFile } from '../../src/shared/replace-file.ts';
import { temporaryFolder } from '../support/cli.ts';
import { failureOf, storageChild } from '../support/storage.ts';
import { setSecret, setUp } from './profile-support.ts';

const child = storageChild();
const canMount = spawnSync('unshare', ['-rm', 'true']).status === 0;
const asRoot = test.skipIf(process.getuid?.() !== 0);
const NOBODY = 65_534;

async function modeOf(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777;
}

async function linkedFile() {
  const folder = await temporaryFolder();
  const link = join(folder, 'state.json');
  const target = join(folder, 'elsewhere', 'state');
  await mkdir(join(folder, 'elsewhere'));
  await symlink('elsewhere/state', link);
  return { folder, link, target };
}

describe('replacing a file', () => {
  test('preserves the mode of the state', async () => {
    const path = join(await temporaryFolder(), 'state.json');
    await writeState(path, emptyState());
    await chmod(path, 0o640);
    await writeState(path, emptyState());
    expect(await modeOf(path)).toBe(0o640);
  });

  test('makes a secret file private, whatever its mode was', async () => {
    const path = join(await temporaryFolder(), 'secrets.json');
    await writeFile(path, 'old');
    await chmod(path, 0o644);
    await replaceFile(path, 'new');
    expect(await modeOf(path)).toBe(0o600);
  });

  asRoot('preserves the owner and the group (needs root)', async () => {
    const path = join(await temporaryFolder(), 'state.json');
    await writeState(path, emptyState());
    await chown(path, NOBODY, 1234);
    await chmod(path, 0o660);
    await writeState(path, emptyState());
    const { uid, gid, mode } = await stat(path);
    expect({ uid, gid, mode: mode & 0o777 }).toEqual({ uid: NOBODY, gid: 1234, mode: 0o660 });
  });

  asRoot('gives new files to the owner of their folder (needs root)', async () => {
    const { configDir, open, files } = await setUp('file');
    await chown(configDir, NOBODY, NOBODY);
    await open().change(setSecret('one'));
    for (const path of [files.folder, files.state, files.secrets]) {
      expect([path, (await stat(path)).uid]).toEqual([path, NOBODY]);
    }
  });

  test('follows links to the file', async () => {
    const { folder, link, target } = await linkedFile();
    await writeFile(target, '{}');
    const outer = join(folder, 'outer.json');
    await symlink(link, outer);
    await writeState(outer, { ...emptyState(), settings: { role: 'agent' } });
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
    expect((await lstat(outer)).isSymbolicLink()).toBe(true);
    expect((await lstat(target)).isFile()).toBe(true);
    expect((await readState(link)).settings).toEqual({ role: 'agent' });
  });

  asRoot.each(['link', 'folder'])(
    'does not follow a link if the %s belongs to another user (needs root)',
    async (part) => {
      const { folder, link, target } = await linkedFile();
      await writeFile(target, 'unchanged');
      await lchown(part === 'link' ? link : folder, NOBODY, NOBODY);
      for (const write of [() => writeState(link, emptyState()), () => replaceFile(link, 'new')]) {
        const error = await failureOf(write());
        expect(error.kind).toBe('storage');
        expect(error.reason).toContain('another user');
      }
      expect(await readFile(target, 'utf8')).toBe('unchanged');
    },
  );

  test.skipIf(!canMount)(
    'reports that a mount point cannot be replaced (needs unshare)',
    async () => {
      const folder = await temporaryFolder();
      const [node = '', script = ''] = child.argv();
      const steps = 'cd "$1" && shift && "$@" write state.json 10 && cp state.json other';
      const mounted = 'mount --bind other state.json && "$@" write state.json 20';
      const { stdout } = spawnSync(
        'unshare',
        ['-rm', 'sh', '-c', `${steps} && ${mounted}`, 'sh', folder, node, script],
        { encoding: 'utf8' },
      );
      const { error, result } = JSON.parse(stdout.trim().split('\n')[1] ?? '');
      expect(error).toMatchObject({ kind: 'storage', reason: expect.stringContaining('mount') });
      expect(result, 'length of the value in the file').toBe(10);
    },
  );
});

describe('a link without its target', () => {
  test('is a storage error, not an empty state', async () => {
    const { link } = await linkedFile();
    for (const use of [
      () => readState(link),
      () => writeState(link, emptyState()),
      () => replaceFile(link, 'x'),
    ]) {
      const error = await failureOf(use());
      expect(error.kind).toBe('storage');
      expect(error.reason).toContain('symbolic link');
    }
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
  });

  test.each(['state', 'folder'] as const)(
    'as the %s of a profile is an error for readers and writers',
    async (part) => {
      const { configDir, open, files } = await setUp('file');
      await mkdir(join(files.folder, '..'), { recursive: true });
      if (part === 'state') await mkdir(files.folder);
      await symlink('/nowhere/at/all', files[part]);
      expect(await open().exists()).toBe(true);
      expect(await listProfiles(configDir)).toEqual(['default']);
      expect((await failureOf(open().read())).reason).toContain('symbolic link');
      expect((await failureOf(open().change(setSecret('one')))).kind).toBe('storage');
      expect((await lstat(files[part])).isSymbolicLink()).toBe(true);
    },
  );

  test('as the secrets file is an error, not a store without secrets', async () => {
    const { open, files } = await setUp('file');
    await open().change(setSecret('one'));
    await rename(files.secrets, `${files.secrets}.moved`);
    await symlink('/nowhere/at/all', files.secrets);
    const secrets = (await open().read()).integrations.flatMap(ownedSecrets);
    expect((await failureOf(open().readSecrets(secrets))).reason).toContain('symbolic link');
  });
});

test('a loop of links is a storage error', async () => {
  const link = join(await temporaryFolder(), 'state.json');
  await symlink('state.json', link);
  expect((await failureOf(readState(link))).reason).toContain('loop');
  expect((await failureOf(writeState(link, emptyState()))).reason).toContain('loop');
});
