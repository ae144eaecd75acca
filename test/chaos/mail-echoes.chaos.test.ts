import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { share } from '../support/chance.ts';
import { home } from '../support/cli.ts';
import { makeCertificates } from '../support/mail-server.ts';
import { onLocalhost } from '../support/mailbox.ts';
import { imapSession, smtpSession, startScript } from '../support/scripted-mail.ts';
import { report } from './dice.ts';
import { WAYS } from './echo-ways.ts';
import { LeakSearch } from './leak-search.ts';

const PASSWORD = 'Tr0ub4dor&3/+x "Zq\\9ü=kW';
const OUTPUTS = ['table', 'json', 'debug'];

async function echoMailboxes() {
  const { authority, certificate, key } = await makeCertificates();
  const tls = { key, cert: certificate };
  const echoOf = (user: string) => WAYS[Number(user)]?.[1](PASSWORD) ?? '';
  const smtpReply = (user: string) => {
    const lines = `Authentication of ${echoOf(user)} failed`.split(/\r?\n/);
    const last = lines.length - 1;
    return lines.map((line, at) => `535${at < last ? '-' : ' '}5.7.8 ${line}`).join('\n');
  };
  const imapReply = (user: string) =>
    `NO [AUTHENTICATIONFAILED] ${echoOf(user).replace(/\s+/g, ' ')} is wrong`;
  const imap = await startScript({
    ...{ tls, greeting: '* OK ready' },
    session: () => imapSession(imapReply),
  });
  const smtp = await startScript({
    ...{ tls, greeting: '220 ready' },
    session: () => smtpSession(smtpReply),
  });
  onTestFinished(() => {
    imap.stop();
    smtp.stop();
  });
  const desk = await home({ PASSWORD });
  desk.env.NODE_EXTRA_CA_CERTS = join(desk.configDir, 'authority.pem');
  await writeFile(desk.env.NODE_EXTRA_CA_CERTS, authority);
  const accounts = WAYS.map((_way, index) => ({
    channel: 'email',
    account_key: `row-${index}`,
    config: {
      ...{ address: 'support@example.com', username: String(index), password: { env: 'PASSWORD' } },
      ...onLocalhost({ imap: imap.port, smtp: smtp.port }),
    },
  }));
  const file = join(desk.configDir, 'mailboxes.json');
  await writeFile(file, JSON.stringify({ version: 1, accounts }));
  await desk.json('apply', '-f', file, '--yes');
  return desk;
}

test('no password that a mail server repeats is printed', { timeout: 900_000 }, async () => {
  const began = performance.now();
  const desk = await echoMailboxes();
  const search = new LeakSearch();
  const single = WAYS.slice(0, share(WAYS.length)).map((_way, index) => `email check row-${index}`);
  const failures: string[] = [];
  let runs = 0;
  for (const line of ['accounts check --all', 'status', ...single]) {
    for (const output of OUTPUTS) {
      const flags = output === 'debug' ? ['--debug'] : ['-o', output];
      const { code, stdout, stderr } = await desk.built.cli(...line.split(' '), ...flags);
      runs += 1;
      const leaks = search.leaksIn(stdout + stderr, [PASSWORD]);
      if (leaks.length > 0) failures.push(`${line} ${flags}: ${leaks.slice(0, 5)}`);
      if (code !== 6) failures.push(`${line} ${flags}: exit ${code}: ${stderr}`);
    }
  }
  report('mail echoes', began, { ways: WAYS.length, runs });
  expect(failures).toEqual([]);
});
