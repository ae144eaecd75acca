import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ownedSecrets } from '../../src/profile/secret-refs.ts';
import type { ProfileState } from '../../src/profile/types.ts';
import { failureOf } from '../support/storage.ts';
import { historyOf, inspect, setSecret, setUp } from './profile-support.ts';

function replaceSecret(value: string, config: Record<string, string> = {}) {
  return (draft: ProfileState, secrets: Parameters<ReturnType<typeof setSecret>>[1]) => {
    const [integration] = draft.integrations;
    if (integration === undefined) throw new Error('no integration');
    integration.secrets.app_secret = secrets.put('messenger', 'app_secret', value);
    Object.assign(integration.config, config);
  };
}

async function secretsIn(profile: ReturnType<Awaited<ReturnType<typeof setUp>>['open']>) {
  return (await profile.read()).integrations.flatMap(ownedSecrets);
}

describe('a reader whose secret another process replaces', () => {
  test('gets the new secret', async () => {
    const { profile, open } = await setUp();
    await open().change(setSecret('one'));
    const secrets = await secretsIn(profile);
    await open().change(replaceSecret('two', { token_expires_at: '2027-01-01' }));
    await open().change(replaceSecret('three'));
    expect([...(await profile.readSecrets(secrets)).values()]).toEqual(['three']);
    expect([...(await profile.readSecrets(secrets)).keys()]).toEqual(
      secrets.map(({ ref }) => ref.item),
    );
  });

  test('never misses it, however often it is replaced', async () => {
    const { open } = await setUp('file');
    await open().change(setSecret('0'));
    let isDone = false;
    const write = async () => {
      for (let turn = 1; turn <= 30; turn += 1) await open().change(replaceSecret(`${turn}`));
      isDone = true;
    };
    const read = async () => {
      let reads = 0;
      for (; !isDone; reads += 1) expect((await inspect(open())).secret).toMatch(/^\d+$/);
      return reads;
    };
    const [, ...reads] = await Promise.all([write(), read(), read()]);
    expect(Math.min(...reads)).toBeGreaterThan(3);
  });

  test('gets an error if the new secret may belong to a different server', async () => {
    const { profile, open } = await setUp();
    await open().change(setSecret('one'));
    const secrets = await secretsIn(profile);
    await open().change(replaceSecret('two', { imap_host: 'imap.example.org' }));
    const error = await failureOf(profile.readSecrets(secrets));
    expect(error).toMatchObject({ kind: 'conflict', hint: 'Run the command again.' });
  });

  test('gets an error if its owner was deleted', async () => {
    const { profile, open } = await setUp();
    await open().change(setSecret('one'));
    const secrets = await secretsIn(profile);
    await open().change((draft) => {
      draft.integrations = [];
    });
    const error = await failureOf(profile.readSecrets(secrets));
    expect(error.kind).toBe('not_found');
    expect(error.message).toContain('messenger');
  });

  test('misses a secret that the store has lost', async () => {
    const { profile, open, keychain } = await setUp();
    await open().change(setSecret('one'));
    const secrets = await secretsIn(profile);
    keychain.items.clear();
    expect((await profile.readSecrets(secrets)).size).toBe(0);
    await open().change(replaceSecret('two'));
    keychain.items.clear();
    expect((await profile.readSecrets(secrets)).size).toBe(0);
  });
});

test('of two deletions of a profile, one succeeds and one does not find it', async () => {
  const { open } = await setUp();
  await open().change(setSecret('one'));
  const deletions = [open().delete(), open().delete()];
  const [first, second] = await Promise.allSettled(deletions);
  const failed = [first, second].filter((one) => one?.status === 'rejected');
  expect(failed).toMatchObject([{ reason: { kind: 'not_found' } }]);
  const { entries } = await historyOf(open());
  expect(entries.filter(({ action }) => action === 'profile.deleted')).toHaveLength(1);
  expect(await open().exists()).toBe(false);
});

describe('the audit entries of a change', () => {
  const setRole = (role: string) => (draft: ProfileState) => {
    draft.settings.role = role;
  };
  async function roles(profile: ReturnType<Awaited<ReturnType<typeof setUp>>['open']>) {
    const { entries, unreadable } = await historyOf(profile);
    expect(unreadable).toBe(0);
    return entries.flatMap(({ changes }) => changes.map(({ after }) => after));
  }

  async function killedAfterCommit() {
    const place = await setUp();
    const { profile, files } = place;
    await profile.change(setRole('admin'));
    const log = await readFile(files.audit, 'utf8');
    await rm(files.audit);
    await mkdir(files.audit); // Makes appending fail.
    await profile.change(setRole('agent'));
    await rm(files.audit, { recursive: true });
    await writeFile(files.audit, log);
    return { ...place, log };
  }

  test('are shown and recorded later if the process dies after the commit', async () => {
    const { open, files, log } = await killedAfterCommit();
    expect(await roles(open())).toEqual(['admin', 'agent']);
    expect(await readFile(files.audit, 'utf8')).toBe(log);
    await open().change(setRole('supervisor'));
    expect(await roles(open())).toEqual(['admin', 'agent', 'supervisor']);
    expect(await readdir(dirname(files.audit))).toEqual(['audit.jsonl']);
  });

  test('are recorded only once if the process dies while it appends them', async () => {
    const { open, files, log } = await killedAfterCommit();
    const [, line = ''] = (await readFile(files.pendingAudit, 'utf8')).split('\n');
    await writeFile(files.audit, `${log}${line}\n`);
    expect(await roles(open())).toEqual(['admin', 'agent']);
    await open().cleanUp();
    expect(await roles(open())).toEqual(['admin', 'agent']);
    expect(await open().diagnose()).toEqual({
      lock: { state: 'free' },
      staleFiles: [],
      errors: [],
    });
  });

  test('are dropped if the process dies before the commit', async () => {
    const { open, files } = await killedAfterCommit();
    const pending = await readFile(files.pendingAudit, 'utf8');
    await open().change(setRole('supervisor'));
    await writeFile(files.pendingAudit, pending);
    expect(await roles(open())).toEqual(['admin', 'agent', 'supervisor']);
    await open().change(setRole('agent'));
    expect(await roles(open())).toEqual(['admin', 'agent', 'supervisor', 'agent']);
  });

  test('are not recorded if the change fails', async () => {
    const { open, files } = await setUp();
    await open().change(setRole('admin'));
    await rm(files.state);
    await mkdir(files.state);
    await expect(open().change(setRole('agent'))).rejects.toThrow();
    await rm(files.state, { recursive: true });
    expect(await roles(open())).toEqual(['admin']);
    expect(await readdir(dirname(files.audit))).toEqual(['audit.jsonl']);
  });
});
