import { chmod, chown, readdir, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { DoctorResult } from '../../src/doctor/result.ts';
import { home, onBuilt, runBuilt } from '../support/cli.ts';
import { completeProfile, createFile, FILES } from '../support/damaged-files.ts';

test('doctor reports a port in use, a proxy, and a webhook URL that Meta cannot reach', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => taken.once('listening', resolve));
  onTestFinished(() => void taken.close());
  const { port } = taken.address() as AddressInfo;
  const own = await home({
    CHANNELCTL_GRAPH_URL: 'http://127.0.0.1:1', // This port refuses connections immediately.
    CHANNELCTL_REDIRECT_URI: `http://127.0.0.1:${port}/callback`,
    CHANNELCTL_WEBHOOK_BASE_URL: 'http://localhost:9000',
    HTTP_PROXY: 'http://ada:proxy-password@127.0.0.1:2',
  });
  const { code, stdout } = await onBuilt(own).cli('doctor', '--json');
  const findings: { check: string }[] = JSON.parse(stdout);
  const of = (check: string) => findings.filter((one) => one.check === check);
  expect(code).toBe(0);
  expect(of('redirect_uri')).toMatchObject([{ status: 'warning' }]);
  expect(of('webhook_base_url')).toMatchObject([{ status: 'warning' }]);
  expect(of('proxy')).toMatchObject([{ status: 'ok', message: '127.0.0.1:2.' }]);
  expect(JSON.stringify(findings)).not.toContain('proxy-password');
});

/** Root ignores permissions, so root runs the program as another user. */
const OTHER = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

test('names each file and folder whose permissions deny access, and checks all others', async () => {
  const own = await completeProfile();
  for (const file of ['journal', 'lock', 'archive'] as const) await createFile(own, file);
  const entries = await readdir(own.configDir, { recursive: true });
  const paths = [own.configDir, ...entries.map((entry) => join(own.configDir, entry))];
  if (OTHER.uid !== undefined) {
    for (const path of paths) await chown(path, OTHER.uid, OTHER.gid);
  }
  const folder = dirname(own.stateFile());
  for (const path of [...Object.values(FILES).map((pathOf) => pathOf(own)), folder]) {
    if (!paths.includes(path)) continue;
    const { mode } = await stat(path);
    await chmod(path, 0);
    for (const args of [[], ['--profile', 'default']]) {
      const ended = await runBuilt(['doctor', ...args, '--json'], own.env, '', OTHER);
      expect({ path, code: ended.code }).toEqual({ path, code: 6 });
      const results: DoctorResult[] = JSON.parse(ended.stdout);
      const errors = results.filter(({ status }) => status === 'error');
      expect(errors.map(({ message }) => message).join('\n')).toContain(path);
      expect(results.map(({ check }) => check)).toEqual(
        expect.arrayContaining(['lock', 'audit_log', 'secret_store', 'graph_version', 'network']),
      );
    }
    await chmod(path, mode);
  }
});
