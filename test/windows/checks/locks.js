import assert from 'node:assert/strict';
import { readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, uptime } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { home } from './support.js';

const CONCURRENT = 10;
const rename = ['accounts', 'update', 'a1', '--display-name', 'Front desk'];

/** Writes the lock of a process that exists, but need not be its owner: this one. */
function writeLock({ lock }, { acquired, ageSeconds }) {
  const owner = { id: 'ab12', pid: process.pid, started: null, host: hostname(), uptime: acquired };
  writeFileSync(lock, JSON.stringify(owner));
  const modified = new Date(Date.now() - ageSeconds * 1000);
  utimesSync(lock, modified, modified);
}

test('the lock of a process from before a restart is broken at once', async () => {
  const own = home('keychain');
  await own.createMailbox('a1');
  writeLock(own, { acquired: Math.floor(uptime()) + 1_000, ageSeconds: 5 });
  assert.equal((await own.cli(rename)).code, 0);
});

test('a lock whose owner is unknown is reported by doctor, and taken by doctor --fix', async () => {
  const own = home('keychain');
  await own.createMailbox('a1');
  writeLock(own, { acquired: null, ageSeconds: 120 });
  const reported = await own.cli(['doctor']);
  assert.match(reported.stdout, /^warning +lock .*locked for over a minute/m);
  const fixed = await own.cli(['doctor', '--fix']);
  assert.match(fixed.stdout, /^fixed +lock /m);
  assert.equal((await own.cli(rename)).code, 0);
});

test('the lock of a running process is respected', async () => {
  const own = home('keychain');
  await own.createMailbox('a1');
  writeLock(own, { acquired: Math.floor(uptime()), ageSeconds: 1 });
  const { code, stderr } = await own.cli(rename);
  assert.equal(code, 7);
  assert.match(stderr, new RegExp(`Process ${process.pid} has held the lock`));
});

test(`${CONCURRENT} concurrent changes all succeed`, async () => {
  const own = home('keychain');
  await own.createMailbox('a1');
  const keys = Array.from({ length: CONCURRENT }, (_, index) => `w${index}`);
  const results = await Promise.all(keys.map((key) => own.createMailbox(key)));
  assert.deepEqual(
    results.filter(({ code }) => code !== 0),
    [],
  );
  const stored = await own.json(['accounts', 'list']);
  assert.deepEqual(stored.map(({ account_key }) => account_key).sort(), ['a1', ...keys].sort());
});

test('a change that is killed is stored completely or not at all, and does not block the next one', async () => {
  const own = home('file');
  await own.createMailbox('a1', { env: { PASSWORD: 'password-0' } });
  let stored = '0';
  for (const at of ['3', '8', '9', '12', '15']) {
    const change = ['--config', 'password=env:PASSWORD', '--display-name', `name-${at}`];
    await own.cli(['accounts', 'update', 'a1', ...change], {
      env: { PASSWORD: `password-${at}`, KILL_BEFORE: at },
      preload: 'kill-at.cjs',
    });
    const { config, display_name } = await own.json(['accounts', 'get', 'a1', '--reveal']);
    if (display_name === `name-${at}`) stored = at;
    assert.equal(config.password, `password-${stored}`, `killed before change ${at}`);
    assert.equal((await own.cli(['accounts', 'update', 'a1', '--active'])).code, 0);
  }
  assert.deepEqual(readdirSync(join(own.folder, 'profiles')), ['default']);
});
