import { spawn } from 'node:child_process';
import { expect, test } from 'vitest';
import { share } from '../support/chance.ts';
import { type Run, run } from '../support/cli.ts';
import { builtChild } from '../support/storage.ts';
import { pick, report, Tally } from './dice.ts';
import { storedFleet } from './stored-fleet.ts';
import { problemOf } from './verdict.ts';

const READS = share(2000);
/** One in this many reads is a process of its own. */
const PROCESS_ONE_IN = 20;
const READERS = 3;
const MAX_REPORTED = 15;

const child = builtChild('test/chaos/faulty-child.ts');

const LINES = [
  ...['accounts get support --reveal', 'accounts get support --reveal', 'accounts list'],
  ...['accounts get messenger/fb-81 --reveal', 'integrations get messenger --reveal'],
  ...['integrations list', 'config list', 'profiles list', 'profiles show default', 'tokens list'],
  ...['secrets list', 'audit list', 'audit list --account support', 'export --offline', 'doctor'],
  ...[
    'status --offline',
    'whatsapp health wa-5011',
    'webhooks status fb-82',
    'email check support',
  ],
];
const EMAIL = 'accounts create --channel email --account-key other --config address=a@example.com';
const WRITES = [
  'accounts update support --config password=env:PASSWORD',
  'integrations set messenger --config app_secret=env:APP_SECRET',
  'accounts update messenger/fb-81 --config page_access_token=env:PAGE_TOKEN',
  `${EMAIL} --config password=env:PASSWORD`,
  'accounts delete other',
  'config set division_id emea',
];

interface Place {
  env: Record<string, string>;
  appSecret: string;
  pageToken: string;
}

/** Runs a command in a process of its own. */
function runChild(args: string[], env: Record<string, string>): Promise<Run> {
  const [program = '', ...rest] = child.argv(...args);
  const started = spawn(program, rest, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  started.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  started.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve) => {
    started.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

/** Repeats changes until it is stopped. Returns their number. */
async function write(
  runLine: typeof runChild,
  { env }: Place,
  until: { stopped: boolean },
  onWritten = (_written: number) => {},
): Promise<number> {
  let written = 0;
  for (; !until.stopped; written += 1) {
    onWritten(written);
    const line = WRITES[written % WRITES.length] ?? '';
    const PASSWORD = `password ${written}`;
    const result = await runLine(['--json', ...line.split(' '), '--yes'], { ...env, PASSWORD });
    // Both writers create and delete the same account.
    if (![0, 3, 7].includes(result.code ?? 1)) throw new Error(`${line}: ${result.stderr}`);
  }
  return written;
}

function wrongRead(line: string, result: Run, { appSecret, pageToken }: Place): string | null {
  const problem = problemOf(result, { json: true });
  if (problem !== null) return problem;
  const expected = /^(?:email|webhooks|status|whatsapp)/.test(line) ? [0, 6] : [0];
  if (!expected.includes(result.code ?? 1)) return `exit ${result.code}`;
  if (result.stderr !== '') return 'a warning';
  if (/ is missing|Another process/.test(result.stdout)) return 'a missing secret';
  const { config = {} } = JSON.parse(result.stdout);
  if (line.includes('support --reveal') && !/^password \d+$/.test(config.password)) {
    return `the password ${config.password}`;
  }
  if (line.includes('fb-81 --reveal') && config.page_access_token !== pageToken) return 'the token';
  if (line.includes('messenger --reveal') && config.app_secret !== appSecret) return 'the secret';
  if (line === 'doctor' && result.stdout.includes('"error"')) return 'an error of doctor';
  return null;
}

test(`${READS} reads alongside writers report no errors, and show complete values`, async () => {
  const began = performance.now();
  const { env: own, meta } = await storedFleet();
  const appSecret = meta.description.app_secret;
  const pageToken = meta.description.pages[0]?.access_token ?? '';
  const env = { ...own, APP_SECRET: appSecret, PAGE_TOKEN: pageToken };
  const place = { env, appSecret, pageToken };
  await run(['accounts', 'update', 'support', '--config', 'password=password 0'], env);
  const until = { stopped: false };
  let written = 0;
  const inProcessWriter = write(run, place, until, (count) => {
    written = count;
  });
  const writers = [inProcessWriter, write(runChild, place, until)];
  const exits = new Tally();
  const failures: string[] = [];
  let reads = 0;
  const read = async () => {
    while ((reads < READS || written <= WRITES.length) && failures.length < MAX_REPORTED) {
      reads += 1;
      const line = pick(LINES);
      const start = reads % PROCESS_ONE_IN === 0 ? runChild : run;
      const result = await start(['--json', ...line.split(' ')], env);
      exits.add(String(result.code));
      const problem = wrongRead(line, result, place);
      if (problem !== null) failures.push(`${line}: ${problem} ${result.stderr} ${result.stdout}`);
    }
  };
  await Promise.all(Array.from({ length: READERS }, read));
  until.stopped = true;
  const [inProcess, processes] = await Promise.all(writers);
  report('readers', began, { reads, exits: exits.counts, writes: inProcess, processes });
  expect(failures).toEqual([]);
  expect(inProcess).toBeGreaterThan(WRITES.length);
}, 900_000);
