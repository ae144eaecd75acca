import { readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parse, stringify } from 'yaml';
import { describeSelf, parseLockOwner } from '../../src/profile/lock/lock-owner.ts';
import { secretRefsOf } from '../../src/profile/secret-refs.ts';
import { readState } from '../../src/profile/state-file/read.ts';
import type { ProfileState } from '../../src/profile/types.ts';
import { openFileStore } from '../../src/secrets/file.ts';
import { userToken } from '../sandbox/support.ts';
import { type Run, run } from '../support/cli.ts';
import { passphraseOf } from '../support/passphrase.ts';
import { type Call, type Fault, inject } from './faults.ts';
import { storedFleet } from './stored-fleet.ts';
import { readTree, readTreeSync, type Tree, writeTree } from './tree.ts';
import { problemOf } from './verdict.ts';

const PROFILE = join('profiles', 'default');
const STATE = join(PROFILE, 'state.json');
const LOCK = `${PROFILE}.lock`;
const NEXT_PASSPHRASE = 'another long passphrase';
/** A process that finds the lock of a dead one must not wait for it. */
const MAX_NEXT_MS = 5_000;

/** The commands, with `@` in front of the paths of files in the home. */
export const COMMANDS = [
  'accounts create --channel email --account-key other --config address=a@example.com --config password=@inputs/secret.txt',
  'accounts update support --config password=@inputs/secret.txt --display-name New',
  'accounts delete support',
  'accounts set-default messenger/fb-82',
  'integrations set messenger --config app_secret=@inputs/app-secret.txt --config note=1',
  'config set output yaml',
  'profiles delete default',
  'secrets passphrase',
  'apply --offline --prune -f @inputs/next.yaml',
  'messenger pages --page 82 --user-token-file @inputs/user-token.txt',
  'doctor --fix',
  'accounts get support --reveal',
  'export --offline',
  'audit list',
] as const;

export interface FaultyHome {
  configDir: string;
  env: Record<string, string>;
  tree: Tree;
  /** The names of the stored secrets, by their values. */
  secrets: ReadonlyMap<string, string>;
}

export async function faultyHome(): Promise<FaultyHome> {
  const { configDir, env, meta } = await storedFleet();
  const inputs = join(configDir, 'inputs');
  const document = parse(await readFile(join(configDir, 'channels.yaml'), 'utf8'));
  const next = {
    ...{ version: 1, settings: { graph_version: 'v25.0' } },
    accounts: document.accounts.slice(0, -2),
    integrations: [{ channel: 'messenger', config: { note: 'new' } }],
  };
  await writeFile(join(inputs, 'next.yaml'), stringify(next));
  await writeFile(join(inputs, 'app-secret.txt'), meta.description.app_secret);
  await writeFile(join(inputs, 'user-token.txt'), await userToken(meta));
  const home = { configDir, env: { ...env, CHANNELCTL_NEW_PASSPHRASE: NEXT_PASSPHRASE } };
  const { values } = await readSecrets(home, await readState(join(configDir, STATE)));
  const secrets = new Map([...values].map(([item, value]) => [value, dirname(item)]));
  return { ...home, tree: await readTree(configDir), secrets };
}

export function argumentsFor(command: string, { configDir }: FaultyHome): string[] {
  const words = command.split(' ').map((word) => {
    if (/^@/.test(word)) return join(configDir, word.slice(1));
    return word.replace(/=@/, `=@${configDir}/`);
  });
  return ['--json', ...words, '--yes'];
}

/** What a command may change, without random values. */
export interface Stored {
  state: unknown;
  log: string[];
  passphrase: string;
}

const CHANCE = { id: '', created_at: '', updated_at: '', verify_token: '' };

async function readStored(home: FaultyHome): Promise<Stored> {
  const { configDir, env } = home;
  const state = await readState(join(configDir, STATE));
  const { values, passphrase } = await readSecrets(home, state);
  // Meta may issue a different token each time.
  const readable = (item: string) => {
    const value = values.get(item);
    return value === undefined ? 'LOST' : (home.secrets.get(value) ?? 'new');
  };
  const shown = <Owner extends { secrets: object }>(owner: Owner) => ({
    ...owner,
    ...CHANCE,
    secrets: Object.entries(owner.secrets).map(([key, { item }]) => [key, readable(item)]),
  });
  const listed = await run(['audit', 'list', '--json'], env);
  const entries: { action: string; account_key: string | null }[] = JSON.parse(listed.stdout);
  return {
    state: {
      ...state,
      integrations: state.integrations.map(shown),
      accounts: state.accounts.map(shown),
    },
    log: entries
      // A call to Meta is recorded once it is made, and only a warning reports a failure.
      .filter(({ action }) => action !== 'meta.changed')
      .map(({ action, account_key }) => `${action} ${account_key}`),
    passphrase,
  };
}

async function readSecrets(
  { configDir, env }: Pick<FaultyHome, 'configDir' | 'env'>,
  state: ProfileState,
) {
  const path = join(configDir, PROFILE, 'secrets.json');
  const items = secretRefsOf(state).map(({ item }) => item);
  const open = async (passphrase: string) => {
    const values = await openFileStore({ path, passphrase: passphraseOf(passphrase) }).read(items);
    return { values, passphrase };
  };
  return open(env.CHANNELCTL_PASSPHRASE ?? '').catch(() => open(NEXT_PASSPHRASE));
}

/** Leaves the files of a killed process, for `doctor --fix`. */
export async function resetHome(home: FaultyHome, command: string): Promise<void> {
  await writeTree(home.configDir, home.tree);
  if (!command.startsWith('doctor')) return;
  const lock = { ...(await describeSelf('ab12')), pid: 2 ** 30 };
  await writeFile(join(home.configDir, LOCK), JSON.stringify(lock));
  await writeFile(join(home.configDir, PROFILE, 'state.json.new'), '{');
}

/** The states that an undisturbed command passes through, from the old to the new one. */
export interface Outcome {
  command: string;
  steps: readonly [Stored, ...Stored[]];
}

export async function runUndisturbed(command: string, home: FaultyHome) {
  await resetHome(home, command);
  const before = await readStored(home);
  const trees: Tree[] = [];
  const decide = ({ name, path }: Call): Fault => {
    if (name === 'rm' && path === join(home.configDir, LOCK))
      trees.push(readTreeSync(home.configDir));
    return 'none';
  };
  inject({ folder: home.configDir, decide });
  const result = await run(argumentsFor(command, home), home.env);
  const calls = inject(null);
  if (result.code !== 0) throw new Error(`${command}: ${result.code} ${result.stderr}`);
  const steps: [Stored, ...Stored[]] = [before];
  for (const tree of trees) {
    await writeTree(home.configDir, tree);
    await rm(join(home.configDir, LOCK), { force: true });
    steps.push(await readStored(home));
  }
  return { outcome: { command, steps }, calls };
}

/**
 * Returns what is wrong after a command with a failed call: an unknown state, a lost secret,
 * an incomplete log, or files that the next command leaves behind.
 *
 * @param result null if the process was killed
 */
export async function problemAfter(
  { command, steps }: Outcome,
  result: Run | null,
  home: FaultyHome,
): Promise<string | null> {
  const ended = result === null ? null : problemOf(result, { json: true });
  if (ended !== null) return ended;
  const now = await readStored(home);
  const step = steps.findLast((one) => isDeepStrictEqual(core(now), core(one)));
  if (step === undefined) return `an unexpected state: ${differenceOf(core(now), core(steps[0]))}`;
  const isChanged = !isDeepStrictEqual(core(steps[0]), core(steps.at(-1) ?? steps[0]));
  const isDone = isDeepStrictEqual(core(step), core(steps.at(-1) ?? steps[0]));
  if (result !== null && isChanged && isDone !== (result.code === 0)) {
    return `exit ${result.code} ${isDone ? 'after' : 'without'} the last change`;
  }
  return problemOfNext(home, { command, now, expected: step.log });
}

function differenceOf(now: unknown, before: unknown): string {
  const lines = (value: unknown) => JSON.stringify(value, null, 1).split('\n');
  const known = new Set(lines(before));
  return lines(now)
    .filter((line) => !known.has(line))
    .join('');
}

function core({ state, passphrase }: Stored): unknown {
  return { state, passphrase };
}

/** Runs a command that must find everything in order, and complete what was interrupted. */
async function problemOfNext(
  home: FaultyHome,
  { command, now, expected }: { command: string; now: Stored; expected: string[] },
): Promise<string | null> {
  const env = { ...home.env, CHANNELCTL_PASSPHRASE: now.passphrase };
  // The lock of a command in this process would count as held.
  await removeOwnLock(home);
  const began = performance.now();
  const next = await run(['config', 'set', 'division_id', 'emea', '--json'], env);
  if (next.code !== 0 || next.stderr !== '') return `the next command: ${next.code} ${next.stderr}`;
  if (performance.now() - began > MAX_NEXT_MS) return 'the next command waited';
  const then = await readStored({ ...home, env });
  const log = [...expected, 'settings.changed null'];
  if (!isDeepStrictEqual(then.log, log)) {
    return `the log has ${then.log.slice(expected.length - 3)}, not ${log.slice(expected.length - 3)}`;
  }
  const files = [...(await readTree(home.configDir)).keys()];
  const isLeft = (path: string) => !home.tree.has(path) && path !== STATE;
  // Only another deletion or `doctor --fix` removes what remains of a deleted profile.
  const left = files.filter((path) => isLeft(path) && !/\.deleted\//.test(path));
  if (left.length > 0) return `${left} left behind`;
  return problemOfItems(home, then.passphrase, command);
}

async function removeOwnLock({ configDir }: FaultyHome): Promise<void> {
  const path = join(configDir, LOCK);
  const owner = parseLockOwner(await readFile(path, 'utf8').catch(() => ''));
  if (owner?.pid === process.pid) await rm(path);
}

async function problemOfItems({ configDir }: FaultyHome, passphrase: string, command: string) {
  const path = join(configDir, PROFILE, 'secrets.json');
  const state = await readState(join(configDir, STATE));
  const store = openFileStore({ path, passphrase: passphraseOf(passphrase) });
  const items = (await store.list?.()) ?? [];
  const known = new Set(secretRefsOf(state).map(({ item }) => item));
  const unused = items.filter((item) => !known.has(item));
  return unused.length > 0 ? `${command} left the secrets ${unused}` : null;
}
