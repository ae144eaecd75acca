// Demonstrates the main tasks with the built program and the sandbox. The script submits the
// sign-in page itself, deletes everything afterwards, and fails if any step fails. Another program can
// be passed as an argument.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { layoutFor } from './layout.js';

const PROGRAM =
  process.argv[2] ?? fileURLToPath(new URL('../../bin/channelctl.js', import.meta.url));
const STEP_SECONDS = 30;

const folder = mkdtempSync(join(tmpdir(), 'channelctl-demo-'));
const env = {
  ...keep('PATH', 'HOME', 'SystemRoot', 'TERM'),
  CHANNELCTL_CONFIG_DIR: folder,
  CHANNELCTL_SECRETS: 'file',
  CHANNELCTL_PASSPHRASE: randomBytes(16).toString('hex'),
};
const running = new Set();
const layout = layoutFor(process.stdout.columns);
let isStopping = false;

// The reader of a pipe may stop early, as head does, and a terminal may be closed.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => stop(0));
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
]) {
  process.on(signal, () => stop(code));
}

try {
  await demo();
  await cleanUp();
  say('Done. All files of the demo were deleted.');
} catch (error) {
  await cleanUp();
  if (!isStopping) {
    process.stderr.write(`\nThe demo failed: ${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 1;
  }
}

async function stop(code) {
  if (isStopping) return;
  isStopping = true;
  await cleanUp();
  process.exit(code);
}

/** Ends the programs before their files are deleted, so that they cannot write new ones. */
async function cleanUp() {
  const ended = [...running].map((child) => new Promise((resolve) => child.once('close', resolve)));
  for (const child of running) child.kill('SIGKILL');
  await Promise.all(ended);
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

async function demo() {
  say('The sandbox replaces Meta on this machine.');
  const sandbox = await startSandbox();
  for (const [key, value] of Object.entries(sandbox)) {
    if (key.endsWith('_url')) env[`CHANNELCTL_${key.toUpperCase()}`] = value;
  }
  env.APP_SECRET = sandbox.app_secret;
  env.CHANNELCTL_REDIRECT_URI = `http://localhost:${await freePort()}/callback`;

  say('Set up Messenger with the app ID and app secret of a Meta app.');
  await channelctl(
    `integrations set messenger --config app_id=${sandbox.app_id} --config app_secret=env:APP_SECRET`,
  );

  say('Sign in with Facebook. channelctl listens on localhost; the demo clicks Allow.');
  const listing = await channelctl('messenger connect --no-browser --list-only', {
    onStderrLine: (line) => line.startsWith('http') && allow(line),
    shownLines: 4,
  });
  assert.match(listing.stdout, /70 Pages/, 'seventy Pages are listed');

  const [first, second] = sandbox.pages;
  say('Connect two of the 70 Pages.');
  await channelctl(`messenger pages --page ${first.id} --page ${second.id}`);

  say('Set a persistent menu for the first Page from a file, and read it back from Meta.');
  await writeFile(
    join(folder, 'menu.yaml'),
    [
      '- locale: default',
      '  call_to_actions:',
      '    - { type: postback, title: Talk to us, payload: TALK }',
      '    - { type: web_url, title: Opening hours, url: https://desk.example.com/hours }',
      '',
    ].join('\n'),
  );
  await channelctl(`menu set fb-${first.id} --file menu.yaml --get-started GET_STARTED`);
  const read = await channelctl(`menu get fb-${first.id}`);
  assert.match(read.stdout, /Talk to us/, 'the menu that was set is read back');

  say(
    'List the accounts. The first account of a channel is its default; make the second one the default.',
  );
  await channelctl('accounts list --fields account_key,display_name,is_default');
  await channelctl(`accounts set-default fb-${second.id} --fields account_key,is_default`);
  const { stdout } = await channelctl('accounts list --json --fields account_key,is_default');
  const defaults = JSON.parse(stdout).filter((account) => account.is_default);
  assert.deepEqual(defaults, [{ account_key: `fb-${second.id}`, is_default: true }]);

  say('Export the configuration as a document, edit it, then plan and apply the change.');
  await applyDocument(second.id);

  await assertNoSecretInFiles(sandbox);
}

async function applyDocument(pageId) {
  const document = 'channels.yaml';
  const { stdout } = await channelctl('export', { shownLines: 6 });
  assert.match(stdout, new RegExp(`fb-${pageId}`), 'the export contains the account');
  await writeFile(
    join(folder, document),
    stdout.replace(/display_name: .*/, 'display_name: Front desk'),
  );
  const plan = await channelctl(`plan -f ${document}`);
  assert.match(plan.stdout, /Front desk/, 'the plan shows the new name');
  await channelctl(`apply -f ${document} --yes`);
  await channelctl(`plan -f ${document} --check`);
}

async function assertNoSecretInFiles(sandbox) {
  say('No file contains a secret; the state file has only the last four characters of each.');
  const secrets = [sandbox.app_secret, env.CHANNELCTL_PASSPHRASE];
  for (const { id } of sandbox.pages.slice(0, 2)) {
    const shown = await channelctl(`accounts get fb-${id} --reveal --json`, { shownLines: 0 });
    secrets.push(JSON.parse(shown.stdout).config.page_access_token);
  }
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  for (const file of files) {
    const text = await readFile(file, 'utf8');
    for (const secret of secrets) {
      for (const form of [
        secret,
        Buffer.from(secret).toString('base64'),
        encodeURIComponent(secret),
      ]) {
        assert.ok(!text.includes(form), `${file} contains no secret`);
      }
    }
    const name = file.slice(folder.length + 1);
    print(layout.wrap(`- ${name}: contains none of the ${secrets.length} secrets`));
  }
}

async function allow(address) {
  const page = await fetch(address);
  const html = await page.text();
  const fields = new URLSearchParams();
  for (const [, name, value] of html.matchAll(
    /<input type="hidden" name="([^"]+)" value="([^"]*)"/g,
  )) {
    fields.append(name, value.replaceAll('&amp;', '&'));
  }
  const [, name, value] =
    /<button[^>]* name="([^"]+)" value="([^"]+)"[^>]*>\s*Allow/.exec(html) ?? [];
  assert.ok(name !== undefined, 'the login page has an Allow button');
  fields.append(name, value);
  const action = /<form[^>]* action="([^"]+)"/.exec(html)?.[1]?.replaceAll('&amp;', '&') ?? address;
  await fetch(new URL(action, address), { method: 'POST', body: fields });
}

function startSandbox() {
  printCommand('sandbox start --port 0 --json &');
  const child = start(['sandbox', 'start', '--port', '0', '--json']);
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
      if (text.includes('\n')) resolve(JSON.parse(text));
    });
    child.on('exit', (code) => reject(new Error(`the sandbox exited with code ${code}`)));
  });
}

async function channelctl(line, { onStderrLine, shownLines = Number.POSITIVE_INFINITY } = {}) {
  if (shownLines > 0) printCommand(line);
  const child = start(line.split(' '));
  const timer = setTimeout(() => child.kill('SIGKILL'), STEP_SECONDS * 1000);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    const before = stderr.split('\n').length;
    stderr += chunk;
    for (const text of stderr.split('\n').slice(before - 1, -1)) onStderrLine?.(text);
  });
  const code = await new Promise((resolve) => {
    child.on('close', resolve);
  });
  clearTimeout(timer);
  if (shownLines > 0) {
    for (const text of stderr.split('\n').slice(0, -1)) print(layout.cut(text));
    const lines = stdout.trimEnd().split('\n');
    for (const text of lines.slice(0, shownLines)) print(layout.cut(text));
    if (lines.length > shownLines) print(`… ${lines.length - shownLines} more lines`);
  }
  assert.equal(code, 0, `channelctl ${line} exited with code ${code}: ${stderr}`);
  return { stdout, stderr };
}

function start(args) {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  child.on('close', () => running.delete(child));
  child.stdout.setEncoding('utf8');
  child.stderr.setEncoding('utf8');
  return child;
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

function keep(...names) {
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}

function say(sentence) {
  print(`\n${layout.wrap(`— ${sentence}`)}`);
}

function printCommand(line) {
  print(`\n${layout.command(`$ channelctl ${line}`)}`);
}

function print(line) {
  process.stdout.write(`${line}\n`);
}
