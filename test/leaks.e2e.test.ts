import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { parseSeed } from '../src/sandbox/seed/seed.ts';
import { startSandbox } from '../src/sandbox/start.ts';
import type { Sandbox } from '../src/sandbox/types.ts';
import { freePort } from './auth/oauth/support.ts';
import { decide, proofOf, signInCode } from './sandbox/support.ts';
import { PROGRAM, type Run, runBuilt, temporaryFolder } from './support/cli.ts';
import { DESK_SEED, signingIn, variablesFor } from './support/desk.ts';

// One long session with every command that handles secrets, in which calls often fail and Meta
// repeats its input in errors. No secret may appear anywhere, in any form.

const APP_SECRET = 's3cret/+&=%\\<of>-the-app';
const PASSPHRASE = 'a pass phrase/+&= of the file';
const MAIL_PASSWORD = 'a mail password/+&= of support';
const FOREIGN_TOKEN = 'EAA-a-user-token-of-another-place';

function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const inBase64 = [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    return text.slice(offset === 0 ? 0 : offset + 1, -4);
  });
  return [
    ...[secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)],
    ...[new URLSearchParams({ s: secret }).toString().slice(2), bytes.toString('hex')],
    ...[...inBase64, ...inBase64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'))],
  ];
}

function echo(secret: string): string {
  const inside = Buffer.from(`x${secret}y`).toString('base64');
  return `Malformed: ${secret} ${encodeURIComponent(secret)} ${inside} {"token":"${secret}"}`;
}

function watch(folder: string) {
  const files = new Set<string>();
  const commandLines = new Set<string>();
  const over = new AbortController();
  const look = async () => {
    while (!over.signal.aborted) {
      for (const text of await textsIn(folder)) files.add(text);
      for (const line of await runningCommands()) commandLines.add(line);
      await pause(20);
    }
  };
  const looking = look();
  const stop = async () => {
    over.abort();
    await looking;
  };
  return { files, commandLines, stop };
}

async function textsIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile());
  return await Promise.all(
    // A temporary file may have been deleted already.
    files.map((entry) => readFile(join(entry.parentPath, entry.name), 'utf8').catch(() => '')),
  );
}

async function runningCommands(): Promise<string[]> {
  const ids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const lines = ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => ''));
  return (await Promise.all(lines)).map((line) => line.replaceAll('\0', ' '));
}

function secretsSentTo({ requests, description }: Sandbox): string[] {
  const tokens = requests.flatMap(({ headers: { authorization } }) =>
    authorization === undefined ? [] : [authorization.replace('Bearer ', '')],
  );
  const others = requests.flatMap(({ query }) => [query.code, query.fb_exchange_token]);
  const pages = description.pages.map(({ access_token }) => access_token);
  const proofs = tokens.map((token) => proofOf(token, APP_SECRET));
  return [...tokens, ...proofs, ...pages, ...others.filter((text) => text !== undefined)];
}

async function place() {
  const seed = { ...parseSeed(DESK_SEED) };
  const apps = [{ id: '700', name: 'Desk', secret: APP_SECRET }];
  const meta = await startSandbox({ port: 0, seed: { ...seed, apps } });
  onTestFinished(() => meta.close());
  const folder = await temporaryFolder();
  const [configDir, bin, temporary] = ['config', 'bin', 'tmp'].map((name) => join(folder, name));
  for (const path of [bin, temporary]) await mkdir(path ?? '');
  await writeFile(join(bin ?? '', 'xdg-open'), '#!/bin/sh\nsleep 0.3 # "$@"\n');
  await chmod(join(bin ?? '', 'xdg-open'), 0o755);
  const env = {
    ...variablesFor(meta),
    PATH: `${bin}:${process.env.PATH}`,
    HOME: folder,
    TMPDIR: temporary ?? '',
    CHANNELCTL_CONFIG_DIR: configDir ?? '',
    CHANNELCTL_SECRETS: 'file',
    CHANNELCTL_PASSPHRASE: PASSPHRASE,
    CHANNELCTL_REDIRECT_URI: `http://localhost:${await freePort()}/callback`,
    APP_SECRET,
    MAIL_PASSWORD,
    PAGE_TOKEN: meta.description.pages[0]?.access_token ?? '',
  };
  return { meta, folder, env };
}

test('a long session reveals no secret', { timeout: 60_000 }, async () => {
  const { meta, folder, env } = await place();
  const watched = watch(folder);
  const outcomes: Run[] = [];

  async function step(code: number, line: string, input = '', extra: Record<string, string> = {}) {
    const outcome = await runBuilt(line.split(' '), { ...env, ...extra }, input);
    outcomes.push(outcome);
    expect({ line, code: outcome.code, ...(outcome.code !== code && outcome) }).toEqual({
      line,
      code,
    });
  }
  const code = () => signInCode(meta, { redirect_uri: env.CHANNELCTL_REDIRECT_URI });
  const connect = 'messenger connect --code - --debug';

  const settings = '--config app_id=700 --config app_secret=env:APP_SECRET';
  await step(0, `integrations set messenger ${settings} --json --debug`);
  await step(0, 'integrations set messenger --config app_secret=-', APP_SECRET);
  await step(0, 'integrations list --all');
  await step(0, 'integrations get messenger -o yaml');
  const mail = '--channel email --account-key support --config address=a@example.com';
  await step(0, `accounts create ${mail} --config password=env:MAIL_PASSWORD`);
  await step(2, 'accounts update support --config-file -', `password: ["${MAIL_PASSWORD}"\n`);
  await step(2, 'accounts update support --config-file -', `password: { x: "${MAIL_PASSWORD}" }`);
  await step(0, 'accounts update support --config password=-', `${MAIL_PASSWORD}\n`);

  await step(0, `${connect} --list-only --json`, await code());
  await step(0, `${connect} --all-pages -o table`, await code());
  await step(5, `${connect} --list-only --json`, 'AQ-a-code-that-is-none');
  const spent = await code();
  meta.inject({ operation: 'exchangeLoginCode', code: 100, subcode: 36007, message: echo(spent) });
  await step(5, `${connect} --list-only`, spent);
  meta.inject({ operation: 'extendUserToken', code: 1, message: echo(APP_SECRET) });
  await step(5, `${connect} --list-only --json`, await code());
  meta.inject({ operation: 'exchangeLoginCode', html: true });
  await step(5, `${connect} --list-only`, await code());
  const open = await signingIn(['messenger', 'connect', '--list-only', '--debug'], env);
  await pause(200);
  await fetch((await decide(open.address, 'allow')).headers.get('location') ?? '');
  const signedIn = await open.ended;
  const pasted = await signingIn(['messenger', 'connect', '--list-only', '--manual'], env);
  pasted.type((await decide(pasted.address, 'allow')).headers.get('location') ?? '');
  outcomes.push(signedIn, await pasted.ended);
  expect(outcomes.slice(-2).map((outcome) => outcome.code)).toEqual([0, 0]);

  meta.inject({ operation: 'listPages', code: 190, message: echo(FOREIGN_TOKEN) });
  await step(4, 'messenger pages --all-pages --user-token-file - --debug --json', FOREIGN_TOKEN);
  const other = { CHANNELCTL_SECRET_MESSENGER_USER_TOKEN: FOREIGN_TOKEN };
  await step(4, 'messenger pages --all-pages --debug', '', other);
  meta.inject({ operation: '/81', code: 190, message: echo(APP_SECRET) });
  await step(5, 'messenger pages --page 81 --page 82 --debug -o ndjson');

  await step(0, 'accounts update fb-81 --config page_access_token=env:PAGE_TOKEN');
  await step(0, 'menu set fb-81 --item Talk=postback:TALK --get-started START --debug');
  await step(0, 'menu get fb-81 --debug -o yaml');
  meta.inject({ operation: 'getMessengerProfile', code: 190, message: echo(env.PAGE_TOKEN) });
  await step(4, 'menu get fb-81 --debug --json');
  meta.inject({
    operation: 'getMessengerProfile',
    redirect: `https://x.example/?${env.PAGE_TOKEN}`,
  });
  await step(5, 'menu get fb-81 --debug');
  await step(0, 'menu delete fb-81 --yes --debug');
  await step(8, 'menu get fb-81', '', { CHANNELCTL_PASSPHRASE: `${PASSPHRASE}, but another` });

  await step(0, 'accounts list -o tsv');
  await step(0, 'accounts get fb-81 --json');
  await step(0, 'accounts set-default fb-82');
  await step(0, 'accounts delete fb-82 --yes');
  await step(0, 'profiles list --json');
  await step(0, 'config list --json');
  await watched.stop();

  const secrets = [APP_SECRET, PASSPHRASE, MAIL_PASSWORD, FOREIGN_TOKEN, ...secretsSentTo(meta)];
  const forms = [...new Set(secrets)].flatMap(formsOf);
  expect(forms.length).toBeGreaterThan(200);
  const leaksInto = (texts: Iterable<string>) =>
    [...texts].flatMap((text) => forms.filter((form) => text.includes(form)));
  expect(leaksInto(outcomes.map(({ stdout }) => stdout))).toEqual([]);
  expect(leaksInto(outcomes.map(({ stderr }) => stderr))).toEqual([]);
  expect(leaksInto(watched.files)).toEqual([]);
  expect([...watched.files].filter((text) => text.includes('"accounts"'))).not.toEqual([]);

  if (process.platform !== 'linux') return; // Only Linux has /proc.
  expect(leaksInto(watched.commandLines)).toEqual([]);
  for (const seen of [`${PROGRAM} menu get`, 'xdg-open http://127.0.0.1']) {
    expect([...watched.commandLines].filter((line) => line.includes(seen))).not.toEqual([]);
  }
});
