// Measures plan and apply of 10,000 and 50,000 mailboxes: whole processes of the built program.
// Fails if time does not grow with the number of mailboxes, or if too much memory is taken.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';

const PROGRAM = fileURLToPath(new URL('../../bin/channelctl.js', import.meta.url));
const FEW = 10_000;
const MANY = 50_000;
/** How many times as long as the few the many may take. */
const MAX_RATIO = 6;
const MAX_MEGABYTES = 450;

const folder = mkdtempSync(join(tmpdir(), 'channelctl-bench-'));

try {
  const few = measure(FEW);
  const many = measure(MANY);
  for (const verb of ['plan', 'apply']) {
    const ratio = many[verb].seconds / few[verb].seconds;
    const { megabytes } = many[verb];
    report(`${verb}, ${FEW} mailboxes`, `${few[verb].seconds.toFixed(1)} s`);
    report(`${verb}, ${MANY} mailboxes`, `${many[verb].seconds.toFixed(1)} s`);
    report('  times as long', ratio.toFixed(1), ratio, MAX_RATIO);
    report('  memory', `${megabytes.toFixed(0)} MB`, megabytes, MAX_MEGABYTES);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Plans and applies a document to an empty profile. */
function measure(count) {
  const configDir = join(folder, String(count));
  mkdirSync(configDir);
  const path = join(configDir, 'channels.yaml');
  writeFileSync(path, mailboxes(count));
  const env = {
    PATH: process.env.PATH,
    HOME: configDir,
    CHANNELCTL_CONFIG_DIR: configDir,
    CHANNELCTL_SECRETS: 'file',
    CHANNELCTL_PASSPHRASE: 'correct horse battery staple',
    MAIL_PASSWORD: 'the mail password of all',
  };
  return {
    plan: run(['plan', '-f', path], env),
    apply: run(['apply', '-f', path, '--yes'], env),
  };
}

function mailboxes(count) {
  const accounts = Array.from({ length: count }, (_, index) => ({
    channel: 'email',
    account_key: `mailbox-${index}`,
    display_name: `Mailbox ${index}`,
    is_default: index === 0,
    config: {
      address: `mailbox-${index}@example.com`,
      imap_host: 'imap.example.com',
      imap_port: 993,
      password: { env: 'MAIL_PASSWORD' },
    },
  }));
  return stringify({ version: 1, accounts });
}

/** Seconds of processor time, which a busy machine hardly stretches, and peak memory, as the child reports them. */
function run(args, env) {
  const code = "process.on('exit', () => console.error(JSON.stringify(process.resourceUsage())))";
  const preload = `data:text/javascript,${encodeURIComponent(code)}`;
  const { status, stderr } = spawnSync(process.execPath, ['--import', preload, PROGRAM, ...args], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${args[0]} ended with ${status}: ${stderr}`);
  const usage = JSON.parse(stderr.trim().split('\n').at(-1));
  return {
    seconds: (usage.userCPUTime + usage.systemCPUTime) / 1e6,
    megabytes: usage.maxRSS / 1024,
  };
}

function report(name, shown, value, limit) {
  const verdict = limit === undefined ? '' : `   limit ${limit}`;
  process.stdout.write(`${name.padEnd(28)} ${shown.padStart(16)}${verdict}\n`);
  if (limit !== undefined && value > limit) process.exitCode = 1;
}
