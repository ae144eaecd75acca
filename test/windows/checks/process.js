import assert from 'node:assert/strict';
import { once } from 'node:events';
import test from 'node:test';
import { channelctl, home, startChannelctl } from './support.js';

test('--version prints the version', async () => {
  const { code, stdout } = await channelctl(['--version']);
  assert.equal(code, 0);
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
});

test('exit codes are those of the other platforms', async () => {
  const own = home('keychain');
  assert.equal((await own.cli(['accounts', 'get', 'a1'])).code, 3);
  assert.equal((await own.cli(['accounts', 'list', '--unknown'])).code, 2);
});

test('a reader that closes the pipe is not an error', async () => {
  const child = startChannelctl(['accounts', 'list', '--json'], { env: home('keychain').env });
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  child.stdin.end();
  child.stdout.destroy();
  const [code] = await once(child, 'exit');
  assert.equal(errors, '');
  assert.equal(code, 0);
});

test('Ctrl-Break ends a command as Ctrl-C does', async () => {
  const { code } = await channelctl(['sandbox', 'start', '--port', '0'], { preload: 'break.cjs' });
  assert.equal(code, 0);
});

test('completion works in PowerShell', async () => {
  const own = home('keychain');
  await own.createMailbox('a1');
  assert.match((await own.cli(['completion', 'powershell'])).stdout, /Register-ArgumentCompleter/);
  assert.match((await own.cli(['__complete', 'accounts', 'get', ':a'])).stdout, /^a1\t/m);
});
