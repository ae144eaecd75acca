import { chmod, chown } from 'node:fs/promises';
import { dirname } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runBuilt } from '../support/cli.ts';
import { grantsDesk, inDays } from '../support/grants-desk.ts';

/** Permissions do not apply to root, so root runs the program as another user. */
const OTHER = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

test('a check in a read-only folder succeeds, and stores no expiry', async () => {
  const expires = inDays(40);
  const at = await grantsDesk({ whatsapp: { business_token_expires_at: expires } });
  const folder = dirname(at.stateFile());
  const folders = [at.configDir, dirname(folder), folder];
  const { uid, gid } = OTHER;
  if (uid !== undefined && gid !== undefined) {
    for (const path of [...folders, at.stateFile(), `${folder}/secrets.json`])
      await chown(path, uid, gid);
  }
  for (const path of folders) await chmod(path, 0o500);
  onTestFinished(async () => {
    for (const path of folders) await chmod(path, 0o700);
  });
  const before = await at.state();
  for (const args of [
    ['status'],
    ['accounts', 'check', '--all'],
    ['whatsapp', 'health', 'wa-61'],
  ]) {
    const { code, stdout, stderr } = await runBuilt([...args, '--json'], at.env, '', OTHER);
    expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' });
    if (args[0] !== 'whatsapp') expect(stdout).toContain(expires);
  }
  expect(await at.state()).toBe(before);
});
