import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { home } from './support.js';

const update = ['accounts', 'update', 'a1', '--config'];
const utf16 = (text) => Buffer.from(`\uFEFF${text}`, 'utf16le');

/** Returns a home with a mailbox and its exported document. */
async function exported() {
  const own = home('keychain');
  await own.createMailbox('a1');
  return {
    own,
    document: (await own.cli(['export'])).stdout,
    path: join(own.folder, 'channels.yaml'),
  };
}

/** A document with one mailbox whose password is a reference. */
const documentWith = (password) =>
  JSON.stringify({
    version: 1,
    accounts: [
      { channel: 'email', account_key: 'a1', config: { address: 'desk@example.com', password } },
    ],
  });

test('--fields accepts blanks, which PowerShell makes of commas', async () => {
  const own = home('keychain');
  await own.createMailbox('a1');
  const accounts = await own.json(['accounts', 'list', '--fields', 'account_key is_default']);
  assert.deepEqual(accounts, [{ account_key: 'a1', is_default: true }]);
});

for (const [encoding, input] of [
  ['UTF-8 with CRLF', 'from-a-pipe\r\n'],
  ['UTF-16', utf16('from-a-pipe\r\n')],
]) {
  test(`a secret is read from a pipe in ${encoding}`, async () => {
    const own = home('keychain');
    await own.createMailbox('a1');
    assert.equal((await own.cli([...update, 'password=-'], { input })).code, 0);
    assert.equal(await own.password('a1'), 'from-a-pipe');
  });
}

test('a secret is read from a file on a drive', async () => {
  const own = home('keychain');
  await own.createMailbox('a1');
  const file = join(own.folder, 'pass word.txt');
  writeFileSync(file, utf16('from-a-file\r\n'));
  assert.equal((await own.cli([...update, `password=@${file}`])).code, 0);
  assert.equal(await own.password('a1'), 'from-a-file');
});

for (const [encoding, encode] of [
  ['UTF-16, as > in Windows PowerShell writes it', utf16],
  ['UTF-8 with BOM and CRLF', (text) => `\uFEFF${text.replaceAll('\n', '\r\n')}`],
]) {
  test(`a document is read in ${encoding}`, async () => {
    const { own, document, path } = await exported();
    writeFileSync(path, encode(document.replace(/display_name: .*/, 'display_name: Grüß Gott')));
    const env = { CHANNELCTL_SECRET_EMAIL_A1_PASSWORD: 'a-password' };
    const planned = await own.cli(['plan', '-f', path, '--check'], { env });
    assert.equal(planned.code, 6, planned.stderr);
    const applied = await own.cli(['apply', '-f', path, '--yes'], { env });
    assert.equal(applied.code, 0, applied.stderr);
    assert.equal((await own.json(['accounts', 'get', 'a1'])).display_name, 'Grüß Gott');
  });
}

for (const file of ['secrets\\a1.txt', 'secrets/a1.txt', 'C:\\elsewhere.txt']) {
  test(`a document refers to the file ${file}`, async () => {
    const own = home('keychain');
    mkdirSync(join(own.folder, 'secrets'));
    const target = file.startsWith('C:') ? file : join(own.folder, file);
    writeFileSync(target, 'from-a-reference\r\n');
    const path = join(own.folder, 'channels.yaml');
    writeFileSync(path, documentWith({ file }));
    const applied = await own.cli(['apply', '-f', path, '--yes']);
    assert.equal(applied.code, 0, applied.stderr);
    assert.equal(await own.password('a1'), 'from-a-reference');
  });
}

test('plan does not read a file on another drive', async () => {
  const own = home('keychain');
  const path = join(own.folder, 'channels.yaml');
  writeFileSync(path, documentWith({ file: 'Z:\\etc\\hostname' }));
  const planned = await own.cli(['plan', '-f', path, '--json']);
  assert.match(planned.stdout, /--allow-files/);
});

test('a batch file as a command is refused, naming the form that works', async () => {
  const own = home('keychain');
  const batch = join(own.folder, 'print password.cmd');
  writeFileSync(batch, '@echo from-a-command\r\n');
  const path = join(own.folder, 'channels.yaml');
  writeFileSync(path, documentWith({ command: [batch] }));
  const refused = await own.cli(['apply', '-f', path, '--yes']);
  assert.notEqual(refused.code, 0);
  assert.match(refused.stderr, /\[cmd, \/c, …\]/);

  writeFileSync(path, documentWith({ command: ['cmd', '/c', batch] }));
  const applied = await own.cli(['apply', '-f', path, '--yes']);
  assert.equal(applied.code, 0, applied.stderr);
  assert.equal(await own.password('a1'), 'from-a-command');
});
