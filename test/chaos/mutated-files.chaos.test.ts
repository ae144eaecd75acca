import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { describeSelf } from '../../src/profile/lock/lock-owner.ts';
import { findSchemaError } from '../../src/profile/state-file/schema.ts';
import { share } from '../support/chance.ts';
import type { Run } from '../support/cli.ts';
import { pick, report, Tally } from './dice.ts';
import { type Mutant, mutate, type Syntax } from './mutations.ts';
import { runLimited, TIME_LIMIT_MS } from './run-limited.ts';
import { storedFleet } from './stored-fleet.ts';
import { differences, readTree, type Tree, writeTree } from './tree.ts';
import { problemOf } from './verdict.ts';

const MUTANTS = share(4200);
const MAX_REPORTED = 15;
const MAX_QUOTED = 400;
const PROFILE = join('profiles', 'default');
const STATE = join(PROFILE, 'state.json');
/** No process has this ID, because it is larger than any limit of Linux. */
const DEAD_PID = 2 ** 30;
/** An age at which every lock is stale. */
const OLD_LOCK_MS = 120_000;

/** The commands that read a file, and those that change something and read it. */
interface Subject {
  path: string;
  syntax: Syntax;
  reads: readonly string[];
  writes: readonly string[];
  /** A variable that contains the path of the file, instead of CHANNELCTL_PASSPHRASE. */
  variable?: string;
}

const READS = [
  ...['accounts list', 'accounts get support --reveal', 'accounts get messenger/fb-81'],
  ...[
    'integrations list --all',
    'integrations get whatsapp --reveal',
    'config list',
    'config path',
  ],
  ...['profiles list', 'profiles show default', 'secrets list', 'tokens list', 'audit list'],
  ...['export --offline', 'plan -f channels.yaml --offline', 'plan -f channels.yaml'],
  ...['status --offline', 'doctor', 'whatsapp health --all', 'webhooks status fb-81'],
  ...['webhooks status wa-5011', 'menu get fb-81', 'email check support'],
  ...['tokens inspect ig-17841', 'api GET me --account fb-81', 'whatsapp numbers wa-5011'],
];
const WRITES = [
  ...['accounts update support --display-name x', 'accounts update support --config password=new'],
  ...['accounts create --channel email --account-key other --config address=a@example.com'],
  ...['accounts delete support', 'accounts set-default support', 'config set division_id emea'],
  ...['config unset webhook_base_url', 'integrations set messenger --config note=1'],
  ...['apply -f channels.yaml --offline', 'apply -f channels.yaml', 'doctor --fix'],
  ...['secrets passphrase', 'profiles delete default', 'tokens refresh ig-17841'],
  ...['menu set fb-81 --file inputs/menu.yaml', 'accounts update messenger/fb-81 --inactive'],
  ...['accounts check --all', 'status'],
];
const STORAGE = { reads: READS, writes: WRITES };

const LOG = join('audit', 'default', 'audit.jsonl');
/** The files that a killed process leaves behind. The next change completes or removes them. */
const LEFTOVERS = {
  lock: `${PROFILE}.lock`,
  journal: join(PROFILE, 'journal.json'),
  pending: join('audit', 'default', 'pending.jsonl'),
};
const isLeftover = (path: string) => Object.values(LEFTOVERS).includes(path);

const SUBJECTS: readonly Subject[] = [
  { path: STATE, syntax: 'json', ...STORAGE },
  { path: STATE, syntax: 'json', ...STORAGE },
  { path: STATE, syntax: 'json', ...STORAGE },
  { path: join(PROFILE, 'secrets.json'), syntax: 'json', ...STORAGE },
  { path: LOG, syntax: 'lines', reads: ['audit list', 'doctor'], writes: WRITES },
  { path: LEFTOVERS.journal, syntax: 'json', ...STORAGE },
  { path: LEFTOVERS.pending, syntax: 'lines', reads: ['audit list', 'doctor'], writes: WRITES },
  { path: LEFTOVERS.lock, syntax: 'json', reads: ['accounts list', 'doctor'], writes: WRITES },
  ...['plan -f channels.yaml', 'plan -f channels.yaml --offline --prune'].map((line) => ({
    path: 'channels.yaml',
    syntax: 'yaml' as const,
    reads: [line],
    writes: [
      'apply -f channels.yaml --offline',
      'apply -f channels.yaml --prune',
      'apply -f channels.yaml',
    ],
  })),
  {
    path: join('inputs', 'config.json'),
    syntax: 'yaml',
    reads: [],
    writes: [
      'integrations set messenger --config-file',
      'accounts update support --config-file',
    ].map((line) => `${line} inputs/config.json`),
  },
  {
    path: join('inputs', 'menu.yaml'),
    syntax: 'yaml',
    reads: [],
    writes: ['menu set fb-81 --file inputs/menu.yaml'],
  },
  {
    path: join('inputs', 'seed.yaml'),
    syntax: 'yaml',
    reads: ['sandbox start --port 0 --seed inputs/seed.yaml'],
    writes: [],
  },
  {
    path: join('inputs', 'body.json'),
    syntax: 'json',
    reads: [],
    writes: ['api POST 81/subscribed_apps --account fb-81 --input inputs/body.json'],
  },
  {
    path: join('inputs', 'passphrase.txt'),
    syntax: 'text',
    reads: ['accounts get support --reveal', 'doctor', 'secrets list'],
    writes: ['accounts update support --config password=new', 'secrets passphrase'],
    variable: 'CHANNELCTL_PASSPHRASE_FILE',
  },
  {
    path: join('inputs', 'secret.txt'),
    syntax: 'text',
    reads: [],
    writes: [
      'accounts update support --config password=@inputs/secret.txt',
      'whatsapp pin set wa-5011 --pin @inputs/secret.txt',
    ],
  },
];

interface Place {
  configDir: string;
  env: Record<string, string>;
  tree: Tree;
  treeAfterKill: Tree;
}

async function preparePlace(): Promise<Place> {
  const { configDir, env } = await storedFleet();
  const add = async (path: string, text: string) => {
    await mkdir(dirname(join(configDir, path)), { recursive: true });
    await writeFile(join(configDir, path), text);
  };
  const tree = await readTree(configDir);
  await add(LEFTOVERS.lock, JSON.stringify({ ...(await describeSelf('ab12')), pid: DEAD_PID }));
  const items = [{ store: 'file', item: 'default/email/support/password/00000000' }];
  await add(LEFTOVERS.journal, JSON.stringify({ version: 1, items }, null, 2));
  const [line = ''] = tree.get(LOG)?.toString('utf8').split('\n') ?? [];
  const header = JSON.stringify({ version: 1, state: '0'.repeat(64) });
  await add(LEFTOVERS.pending, `${header}\n${line}\n`);
  return {
    configDir,
    env: { ...env, CHANNELCTL_NEW_PASSPHRASE: 'another long passphrase' },
    tree,
    treeAfterKill: await readTree(configDir),
  };
}

async function makeOld(path: string): Promise<void> {
  const time = (Date.now() - OLD_LOCK_MS) / 1000;
  await utimes(path, time, time);
}

function argumentsOf(line: string, configDir: string): string[] {
  const absolute = line.replaceAll(
    /(@?)((?:inputs|channels)[/.]\S+)/g,
    (_, at, path) => `${at}${join(configDir, path)}`,
  );
  return ['--json', ...absolute.split(' '), '--yes'];
}

function isObjectText(content: Buffer): boolean {
  try {
    const value: unknown = JSON.parse(content.toString('utf8').replace(/^\ufeff/, ''));
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

const NEEDS_NO_STATE = /^(?:doctor|config path|profiles list|audit list)/;

function environmentOf({ variable, path }: Subject, { env, configDir }: Place) {
  if (variable === undefined) return env;
  return { ...env, CHANNELCTL_PASSPHRASE: '', [variable]: join(configDir, path) };
}

interface Evidence {
  subject: Subject;
  mutant: Mutant;
  before: Tree;
  after: Tree;
}

function wrongEnd(line: string, result: Run, evidence: Evidence): string | null {
  const { subject, mutant, before, after } = evidence;
  const { code, stdout } = result;
  const problem = problemOf(result, { json: true });
  if (problem !== null) return problem;
  const changed = differences(before, after);
  if (subject.reads.includes(line) && changed.length > 0) return `a read changed ${changed}`;
  if (code === 2 || code === 8) {
    const wrong = changed.filter((path) => !isRecovered(path, subject, code));
    if (wrong.length > 0) return `exit ${code} changed ${wrong}`;
  }
  if (subject.path === STATE && !isObjectText(mutant.content)) {
    if (!NEEDS_NO_STATE.test(line) && code !== 8) return `exit ${code} for a corrupt state`;
    if (changed.includes(STATE)) return 'a corrupt state was replaced';
  }
  const state = changed.includes(STATE) ? after.get(STATE) : undefined;
  if (state !== undefined && findSchemaError(JSON.parse(state.toString('utf8'))) !== null) {
    return 'an invalid state was written';
  }
  return code === 0 && line === 'accounts list' ? problemOfAccounts(JSON.parse(stdout)) : null;
}

/** Whether an error may follow the recovery of this file after a kill. */
function isRecovered(path: string, subject: Subject, code: number): boolean {
  if (!isLeftover(subject.path) || path === STATE) return false;
  return path !== LEFTOVERS.journal || code === 2;
}

function problemOfAccounts(accounts: object[]): string | null {
  const isWhole = (one: object) => Object.keys(one).sort().join() === ACCOUNT_KEYS;
  return accounts.every(isWhole) ? null : 'malformed accounts';
}

const ACCOUNT_KEYS = [
  ...['id', 'channel', 'account_key', 'display_name', 'is_active', 'is_default', 'config'],
  ...['created_at', 'updated_at', 'division_id', 'verify_token', 'webhook_url'],
]
  .sort()
  .join();

test(`${MUTANTS} mutated files are reported or read correctly, and nothing is lost`, async () => {
  const began = performance.now();
  const place = await preparePlace();
  const [exits, kinds] = [new Tally(), new Tally()];
  const failures: string[] = [];
  let current: Tree = new Map();
  for (let index = 0; index < MUTANTS && failures.length < MAX_REPORTED; index += 1) {
    const subject = pick(SUBJECTS);
    const tree = isLeftover(subject.path) ? place.treeAfterKill : place.tree;
    const original = tree.get(subject.path) ?? Buffer.alloc(0);
    const mutant = mutate(original, subject.syntax, [...tree.values()]);
    const before: Tree = new Map([...tree, [subject.path, mutant.content]]);
    kinds.add(subject.path);
    for (const lines of [subject.reads, subject.writes]) {
      if (lines.length === 0) continue;
      const line = pick(lines);
      if (differences(current, before).length > 0) await writeTree(place.configDir, before);
      await makeOld(join(place.configDir, subject.path));
      const args = argumentsOf(line, place.configDir);
      const result = await runLimited({ args, input: '' }, environmentOf(subject, place));
      const after = await readTree(place.configDir);
      current = after;
      const problem =
        result === null
          ? `no end within ${TIME_LIMIT_MS} ms`
          : wrongEnd(line, result, { subject, mutant, before, after });
      if (problem !== null) {
        const said = result?.stderr.slice(0, MAX_QUOTED);
        failures.push(`${problem}: ${mutant.name} in ${subject.path}, ${line}: ${said}`);
      }
      exits.add(String(result?.code));
    }
  }
  report('mutated files', began, {
    files: MUTANTS,
    'kinds of files': Object.keys(kinds.counts).length,
    exits: exits.counts,
  });
  expect(failures).toEqual([]);
}, 900_000);
