import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { home, homeIn, run, temporaryFolder } from '../support/cli.ts';

const PASSPHRASE = 'correct horse';
const FILE_STORE = { CHANNELCTL_SECRETS: 'file', CHANNELCTL_PASSPHRASE: PASSPHRASE };
const DOCUMENT = [
  'version: 1',
  'accounts:',
  '  - channel: email',
  '    account_key: desk',
  '    display_name: Grüße 😀',
  '    config: { address: desk@example.com }',
  '',
].join('\r\n');

/** The encodings that `>`, `Set-Content` and a pipe of PowerShell produce. */
const ENCODINGS: readonly [name: string, encode: (text: string) => Buffer][] = [
  ['UTF-16LE', (text) => Buffer.from(`\ufeff${text}`, 'utf16le')],
  ['UTF-16BE', (text) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16()],
  ['UTF-16LE without a byte order mark', (text) => Buffer.from(text, 'utf16le')],
  ['UTF-8 with a byte order mark', (text) => Buffer.from(`\ufeff${text}`)],
];

describe.each(ENCODINGS)('input in %s with CRLF', (_name, encode) => {
  const password = async (folder: string, extra: Record<string, string>) => {
    const shown = await homeIn(folder, extra).json('accounts', 'get', 'desk', '--reveal');
    return shown.config.password;
  };

  test('is read from documents, secrets in files, and passphrase files', async () => {
    const folder = await temporaryFolder();
    const write = async (name: string, text: string) => {
      await writeFile(join(folder, name), encode(text));
      return join(folder, name);
    };
    const own = await home({
      CHANNELCTL_SECRETS: 'file',
      CHANNELCTL_PASSPHRASE: '',
      CHANNELCTL_PASSPHRASE_FILE: await write('passphrase.txt', `${PASSPHRASE}\r\n`),
    });
    const secret = await write('secret.txt', 'geheim-ü-1234\r\n');
    await own.cli('apply', '-f', await write('channels.yaml', DOCUMENT), '--yes');
    expect(await own.json('accounts', 'get', 'desk')).toMatchObject({ display_name: 'Grüße 😀' });
    await own.json('accounts', 'update', 'desk', '--config', `password=@${secret}`);
    expect(await password(own.configDir, FILE_STORE)).toBe('geheim-ü-1234');
  });

  test('is read from stdin', async () => {
    const own = await home(FILE_STORE);
    const piped = (text: string, ...args: string[]) => run(args, own.env, encode(text));
    expect(await piped(DOCUMENT, 'apply', '-f', '-', '--yes')).toMatchObject({ code: 0 });
    const update = ['accounts', 'update', 'desk', '--config', 'password=-'];
    expect(await piped('geheim-ü-1234\r\n', ...update)).toMatchObject({ code: 0 });
    expect(await password(own.configDir, FILE_STORE)).toBe('geheim-ü-1234');
    expect(await own.json('accounts', 'get', 'desk')).toMatchObject({ display_name: 'Grüße 😀' });
  });
});
