// Checks channelctl on a Windows console, which Wine draws on a terminal of this machine.
import assert from 'node:assert/strict';
import { spawn } from '@lydell/node-pty';

const PROGRAM = 'C:\\app\\node_modules\\channelctl\\bin\\channelctl.js';
const LIMIT_MS = 60_000;
/** A key that arrives before Node.js has switched to raw mode is lost. */
const BEFORE_KEYS_MS = 1_000;

export async function checkConsole(windows, node) {
  const env = {
    CHANNELCTL_CONFIG_DIR: 'C:\\console',
    CHANNELCTL_SECRETS: 'file',
    CHANNELCTL_PASSPHRASE: 'correct horse battery staple',
  };
  const start = (args) => open(windows.command(node, [PROGRAM, ...args], env));

  const cancelled = start(['integrations', 'set', 'messenger']);
  await cancelled.answer('Meta app ID', '\u0003');
  assert.equal(await cancelled.ended(), 130, 'Ctrl-C at a prompt cancels the command');

  const answered = start(['integrations', 'set', 'messenger']);
  await answered.answer('Meta app ID', '1065\r');
  await answered.answer('Meta app secret', 'secret-of-the-app\r');
  await answered.answer('configuration ID', '\r');
  assert.equal(await answered.ended(), 0, 'the prompts accept answers');
  assert.ok(!answered.text().includes('secret-of-the-app'), 'the prompts do not show the secret');

  const sandbox = start(['sandbox', 'start', '--port', '0']);
  await sandbox.answer('SANDBOX_PAGE_TOKEN', '\u0003');
  assert.equal(await sandbox.ended(), 0, 'Ctrl-C stops the sandbox');
  process.stdout.write('✔ prompts and Ctrl-C work on a console\n');
}

function open({ file, args, env, cwd }) {
  const child = spawn(file, args, { env, cwd, cols: 100, rows: 40, name: 'xterm' });
  const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  let text = '';
  let exit = null;
  const waiting = new Set();
  const notify = () => {
    for (const check of waiting) check();
  };
  child.onData((data) => {
    text += data;
    notify();
  });
  child.onExit(({ exitCode, signal }) => {
    clearTimeout(timer);
    exit = signal ? `signal ${signal}` : exitCode;
    notify();
  });
  const until = (isDone) =>
    new Promise((resolve, reject) => {
      const check = () => {
        if (isDone()) resolve();
        else if (exit !== null) reject(new Error(`ended (${exit}) after: ${text}`));
        else return;
        waiting.delete(check);
      };
      waiting.add(check);
      check();
    });
  return {
    text: () => text,
    async answer(question, keys) {
      await until(() => text.includes(question));
      await new Promise((resolve) => setTimeout(resolve, BEFORE_KEYS_MS));
      child.write(keys);
    },
    async ended() {
      await until(() => exit !== null);
      return exit;
    },
  };
}
