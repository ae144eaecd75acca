import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { withLock } from '../../src/profile/lock/lock.ts';
import { openProfile } from '../../src/profile/profile.ts';
import { emptyState, readState } from '../../src/profile/state-file/read.ts';
import { writeState } from '../../src/profile/state-file/write.ts';
import { openStore } from '../../src/secrets/open.ts';
import { ChannelctlError } from '../../src/shared/errors.ts';
import type { SecretStore } from '../../src/shared/secrets.ts';

// A separate process for the tests of locks, profiles and secrets, started with `<command>
// <argument>…`. It prints its result or a ChannelctlError as JSON to stdout.

async function alone(marker: string, work: () => Promise<void>): Promise<void> {
  const other = Number(await readFile(marker, 'utf8').catch(() => '0'));
  if (other !== 0 && (await isAlive(other)))
    throw new Error(`${process.pid} and ${other} both hold the lock`);
  await writeFile(marker, `${process.pid}`);
  await work();
  await rm(marker);
}

/**
 * Whether a process is running. A killed process still has its PID until its parent waits for it.
 */
async function isAlive(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => null);
  return status !== null && !/^State:\s*[ZX]/m.test(status);
}

async function count(lock: string, counter: string, times: number): Promise<void> {
  process.stdout.write('"counting"\n');
  for (let i = 0; i < times; i += 1) {
    await withLock(lock, { guardedPath: counter }, () =>
      alone(`${counter}.marker`, async () => {
        const before = Number(await readFile(counter, 'utf8').catch(() => '0'));
        await sleep(1);
        await writeFile(`${counter}.next`, `${before + 1}`);
        await rename(`${counter}.next`, counter); // A kill must not leave the file empty.
      }),
    );
  }
}

async function hold(lock: string): Promise<void> {
  await withLock(lock, { guardedPath: 'state' }, async () => {
    process.stdout.write('"held"\n');
    await sleep(60_000);
  });
}

function dyingStore(store: SecretStore, step: string): SecretStore {
  const dieAt = (now: string) => {
    if (now === step) process.kill(process.pid, 'SIGKILL');
  };
  return {
    name: store.name,
    read: (items) => store.read(items),
    assertWritable: () => store.assertWritable(),
    async write(change) {
      const kind = change.put.size > 0 ? 'put' : 'remove';
      dieAt(`before ${kind}`);
      await store.write(change);
      dieAt(`after ${kind}`);
    },
  };
}

async function change(configDir: string, path: string, value: string, step: string) {
  const options = {
    path,
    env: { CHANNELCTL_PASSPHRASE: 'pass' },
    user: null,
    signal: new AbortController().signal,
    platform: process.platform,
  };
  const store = dyingStore(await openStore('file', options), step);
  const profile = openProfile({
    configDir,
    name: 'default',
    stores: async () => store,
    activeStore: () => 'file',
    serverKeys: () => [],
    now: () => Date.now(),
  });
  await profile.change((draft, secrets) => {
    const [integration] = draft.integrations;
    if (integration === undefined) throw new Error('no integration');
    integration.config.app_id = value;
    integration.secrets.app_secret = secrets.put('messenger', 'app_secret', value);
  });
}

async function keychain(request: {
  put?: [string, string][];
  remove?: string[];
  read?: string[];
  probe?: true;
  platform?: NodeJS.Platform;
}) {
  const store = await openStore('keychain', {
    path: '',
    env: {},
    user: null,
    signal: new AbortController().signal,
    platform: request.platform ?? process.platform,
  });
  if (request.probe) await store.assertWritable();
  if (request.put) await store.write({ put: new Map(request.put), remove: request.remove ?? [] });
  else if (request.remove) await store.write({ put: new Map(), remove: request.remove });
  return request.read === undefined ? [] : [...(await store.read(request.read))].sort();
}

async function write(path: string, size: number): Promise<number> {
  await writeState(path, { ...emptyState(), settings: { blob: 'x'.repeat(size) } });
  return blobSize(path);
}

async function blobSize(path: string): Promise<number> {
  return (await readState(path)).settings.blob?.length ?? 0;
}

async function main([command, ...args]: string[]): Promise<unknown> {
  const [first = '', second = '', third = '', fourth = ''] = args;
  switch (command) {
    case 'count':
      return count(first, second, Number(third));
    case 'hold':
      return hold(first);
    case 'change':
      return change(first, second, third, fourth);
    case 'write':
      return write(first, Number(second));
    case 'read':
      return readState(first);
    case 'keychain':
      return keychain(JSON.parse(first));
    default:
      throw new Error(`unknown command ${command}`);
  }
}

try {
  const result = (await main(process.argv.slice(2))) ?? null;
  process.stdout.write(`${JSON.stringify({ result })}\n`);
} catch (error) {
  if (!(error instanceof ChannelctlError)) throw error;
  const { kind, message, reason, hint } = error;
  const result = process.argv[2] === 'write' ? await blobSize(process.argv[3] ?? '') : null;
  process.stdout.write(`${JSON.stringify({ error: { kind, message, reason, hint }, result })}\n`);
}
