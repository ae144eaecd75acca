// Measures plan and apply of 10,000 and 50,000 mailboxes, each as a process of the built program.
// Fails if the time grows faster than the number of mailboxes, or if memory exceeds its limit.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mailboxDocument, PASSWORD } from './mailboxes.js';
import { measure, report } from './measure.js';

const FEW = 10_000;
const MANY = 50_000;
/** The maximum processor time for MANY mailboxes, as a multiple of that for FEW. */
const MAX_RATIO = 6;
const MAX_MEGABYTES = 450;

const folder = mkdtempSync(join(tmpdir(), 'channelctl-bench-'));

try {
  const few = await planAndApply(FEW);
  const many = await planAndApply(MANY);
  for (const verb of ['plan', 'apply']) {
    const ratio = many[verb].cpuSeconds / few[verb].cpuSeconds;
    const { megabytes } = many[verb];
    report(`${verb}, ${FEW} mailboxes`, `${few[verb].cpuSeconds.toFixed(1)} s`);
    report(`${verb}, ${MANY} mailboxes`, `${many[verb].cpuSeconds.toFixed(1)} s`);
    report('  times as long', ratio.toFixed(1), ratio, MAX_RATIO);
    report('  memory', `${megabytes.toFixed(0)} MB`, megabytes, MAX_MEGABYTES);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function planAndApply(count) {
  const configDir = join(folder, String(count));
  mkdirSync(configDir);
  const path = join(configDir, 'channels.yaml');
  writeFileSync(path, mailboxDocument(count));
  const env = {
    PATH: process.env.PATH,
    HOME: configDir,
    CHANNELCTL_CONFIG_DIR: configDir,
    CHANNELCTL_SECRETS: 'file',
    CHANNELCTL_PASSPHRASE: 'correct horse battery staple',
    ...PASSWORD,
  };
  return {
    plan: await measure(['plan', '-f', path], env),
    apply: await measure(['apply', '-f', path, '--yes'], env),
  };
}
