import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { readJournal } from '../../src/profile/journal.ts';
import { secretRefsOf } from '../../src/profile/secret-refs.ts';
import { readState } from '../../src/profile/state-file/read.ts';
import { openFileStore } from '../../src/secrets/file.ts';
import type { SecretStore } from '../../src/shared/secrets.ts';
import { random, share } from '../support/chance.ts';
import { home, start } from '../support/cli.ts';
import { passphraseOf } from '../support/passphrase.ts';

const LANES = 3;
const KILLS = share(200, 60);
const CHECK_EVERY = 5;

type Home = Awaited<ReturnType<typeof home>>;

const stores = new Map<string, SecretStore>();

/** Opens each secrets file once, because deriving its key takes long. */
function storeOf(path: string, passphrase: string | undefined): SecretStore {
  const store = stores.get(path) ?? openFileStore({ path, passphrase: passphraseOf(passphrase) });
  stores.set(path, store);
  return store;
}

async function stored({ configDir, env }: Home) {
  const folder = join(configDir, 'profiles', 'default');
  const state = await readState(join(folder, 'state.json'));
  const store = storeOf(join(folder, 'secrets.json'), env.CHANNELCTL_PASSPHRASE);
  const read = (items: string[]) => store.read(items);
  const values = await read(secretRefsOf(state).map(({ item }) => item));
  const passwords = state.accounts.map(({ account_key, secrets }) => {
    const password = values.get(secrets.password?.item ?? '');
    return [account_key, password ?? 'lost'] as const;
  });
  const journal = await readJournal(join(folder, 'journal.json'));
  return { read, state, passwords: Object.fromEntries(passwords), journal };
}

type Passwords = Record<string, string>;

function nextStep(before: Passwords, turn: number): { args: string[]; after: Passwords } {
  const [oldest, ...others] = Object.keys(before);
  const password = `password ${turn}`;
  const config = ['--config', 'password=env:PASSWORD'];
  if (oldest === undefined || others.length === 0) {
    const key = `mailbox-${turn}`;
    const given = ['--account-key', key, '--config', `address=${key}@example.com`, ...config];
    return {
      args: ['accounts', 'create', '--channel', 'email', ...given],
      after: { ...before, [key]: password },
    };
  }
  if (turn % 2 === 0) {
    return {
      args: ['accounts', 'update', oldest, ...config],
      after: { ...before, [oldest]: password },
    };
  }
  const { [oldest]: _, ...rest } = before;
  return { args: ['accounts', 'delete', oldest, '--yes'], after: rest };
}

function startStep({ env }: Home, args: string[], turn: number) {
  const child = start(args, { ...env, PASSWORD: `password ${turn}` });
  const closed = new Promise<number | null>((resolve) => child.on('close', resolve));
  return { child, closed };
}

async function lifetime(place: Home): Promise<number> {
  const before = performance.now();
  const code = await startStep(place, nextStep({}, 0).args, 0).closed;
  expect(code).toBe(0);
  return performance.now() - before;
}

/**
 * Returns a random time within the run time or, every second turn, between its middle and just
 * after its end, when files are written.
 */
function moment(life: number, turn: number): number {
  return turn % 2 === 0 ? random() * life : life * (0.5 + random() * 0.6);
}

async function expectOrder(place: Home, seen: ReadonlySet<string>, turn: number): Promise<void> {
  const before = performance.now();
  const { code, stderr } = await place.cli('config', 'set', 'division_id', `d${turn}`);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(performance.now() - before, 'did not wait for the lock of a dead process').toBeLessThan(
    5_000,
  );
  const profiles = join(place.configDir, 'profiles');
  expect(await readdir(profiles)).toEqual(['default']);
  expect((await readdir(join(profiles, 'default'))).sort()).toEqual(['secrets.json', 'state.json']);
  const { state, read } = await stored(place);
  const marked = secretRefsOf(state).map(({ item }) => item);
  expect([...(await read([...seen])).keys()].sort(), 'no secret is left behind').toEqual(
    marked.sort(),
  );
}

async function killInTurn(place: Home, turns: number) {
  const life = await lifetime(place);
  const seen = new Set<string>();
  const counts = { done: 0, undone: 0, changes: 1 };
  for (let turn = 1; turn <= turns; turn += 1) {
    const before = (await stored(place)).passwords;
    const { args, after } = nextStep(before, turn);
    const { child, closed } = startStep(place, args, turn);
    await sleep(moment(life, turn));
    child.kill('SIGKILL');
    await closed;
    const { passwords, state, journal } = await stored(place);
    expect([before, after], args.join(' ')).toContainEqual(passwords);
    if (!isDeepStrictEqual(passwords, before)) counts.changes += 1;
    for (const { item } of [...secretRefsOf(state), ...journal]) seen.add(item);
    counts[passwords[args[2] ?? ''] === before[args[2] ?? ''] ? 'undone' : 'done'] += 1;
    if (turn % CHECK_EVERY === 0) await expectOrder(place, seen, turn);
  }
  return counts;
}

test(`processes killed at ${KILLS} different times leave the old or the new state, with its secrets`, async () => {
  const homes = await Promise.all(Array.from({ length: LANES }, () => home()));
  const counts = await Promise.all(
    homes.map((place) => killInTurn(place, Math.ceil(KILLS / LANES))),
  );
  expect(counts.some(({ done }) => done > 0)).toBe(true);
  expect(counts.some(({ undone }) => undone > 0)).toBe(true);
  for (const [index, place] of homes.entries()) {
    const entries: { action: string }[] = await place.json('audit', 'list');
    const changes = entries.filter(({ action }) => action.startsWith('account.'));
    expect(changes, 'every committed change is in the audit log').toHaveLength(
      counts[index]?.changes ?? 0,
    );
    const { passwords } = await stored(place);
    for (const [key, password] of Object.entries(passwords)) {
      const account = await place.json('accounts', 'get', key, '--reveal');
      expect(account.config.password).toBe(password);
    }
    const text = await readFile(join(place.configDir, 'profiles', 'default', 'state.json'), 'utf8');
    for (const password of Object.values(passwords)) expect(text).not.toContain(password);
  }
}, 300_000);
