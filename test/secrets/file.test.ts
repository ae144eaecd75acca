import { createHash } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openFileStore } from '../../src/secrets/file.ts';
import { temporaryFolder } from '../support/cli.ts';
import { passphraseOf } from '../support/passphrase.ts';
import { failureOf } from '../support/storage.ts';

/** A low scrypt cost, so that tests can open files thousands of times. */
const cost = { N: 2, r: 8, p: 1 };
const open = (path: string, passphrase: string | undefined = 'correct horse') =>
  openFileStore({ path, passphrase: passphraseOf(passphrase), cost });

async function aFile() {
  const path = join(await temporaryFolder(), 'secrets.json');
  const store = open(path);
  const put = new Map([
    ['default/a/token/1', 'the-first-secret'],
    ['__proto__', 'Ünïcödé "\\ 🔑'],
  ]);
  await store.write({ put, remove: [] });
  return { path, store, text: await readFile(path, 'utf8') };
}

async function tamper(
  path: string,
  text: string,
  edit: (envelope: Record<string, unknown>) => void,
) {
  const { checksum: _, ...envelope } = JSON.parse(text);
  edit(envelope);
  const checksum = createHash('sha256').update(JSON.stringify(envelope)).digest('hex');
  await writeFile(path, `${JSON.stringify({ ...envelope, checksum }, null, 2)}\n`);
}

describe('the encrypted file', () => {
  test('returns stored secrets to anyone with the passphrase', async () => {
    const { path } = await aFile();
    const values = await open(path).read(['default/a/token/1', '__proto__', 'none']);
    expect([...values]).toEqual([
      ['default/a/token/1', 'the-first-secret'],
      ['__proto__', 'Ünïcödé "\\ 🔑'],
    ]);
  });

  test('reveals neither secrets nor their names, and only its owner can access it', async () => {
    const { path, text } = await aFile();
    const everything = `${text}${Buffer.from(JSON.parse(text).data, 'base64').toString('latin1')}`;
    for (const word of ['secret', 'default', 'token']) expect(everything).not.toContain(word);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(dirname(path))).toEqual(['secrets.json']);
  });

  test('differs after each write, even if the secrets are the same', async () => {
    const { path, store, text } = await aFile();
    await store.write({ put: new Map(), remove: [] });
    const again = JSON.parse(await readFile(path, 'utf8'));
    expect(again.cipher.iv).not.toBe(JSON.parse(text).cipher.iv);
    expect(again.data).not.toBe(JSON.parse(text).data);
    expect(again.kdf).toEqual(JSON.parse(text).kdf);
  });

  test('loses only the removed secrets', async () => {
    const { path, store } = await aFile();
    await store.write({ put: new Map([['b', 'new']]), remove: ['default/a/token/1', 'none'] });
    const values = await open(path).read(['default/a/token/1', '__proto__', 'b']);
    expect([...values.keys()]).toEqual(['__proto__', 'b']);
  });

  test('reads as empty if it is missing, even without a passphrase, and assertWritable does not create it', async () => {
    const path = join(await temporaryFolder(), 'secrets.json');
    expect(
      (await openFileStore({ path, passphrase: passphraseOf(undefined) }).read(['a'])).size,
    ).toBe(0);
    await open(path).assertWritable();
    expect(await readdir(dirname(path))).toEqual([]);
  });

  test('opens with the same passphrase typed on another system', async () => {
    const path = join(await temporaryFolder(), 'secrets.json');
    await open(path, 'caf\u00e9').write({ put: new Map([['a', 'x']]), remove: [] });
    expect((await open(path, 'cafe\u0301').read(['a'])).get('a')).toBe('x');
  });

  test('is extended, not replaced, if another process created it after assertWritable', async () => {
    const path = join(await temporaryFolder(), 'secrets.json');
    const store = open(path);
    await store.assertWritable();
    await open(path).write({ put: new Map([['a', 'theirs']]), remove: [] });
    await store.write({ put: new Map([['b', 'ours']]), remove: [] });
    expect((await store.read(['a', 'b'])).size).toBe(2);
  });

  test('is read again if another process has replaced it', async () => {
    const { path, store } = await aFile();
    await store.read(['b']);
    await open(path).write({ put: new Map([['b', 'theirs']]), remove: ['__proto__'] });
    expect([...(await store.read(['b', '__proto__']))]).toEqual([['b', 'theirs']]);
    await store.write({ put: new Map([['c', 'ours']]), remove: [] });
    const values = await open(path).read(['b', 'c', '__proto__']);
    expect([...values.keys()]).toEqual(['b', 'c']);
  });

  test('is rejected if it was damaged after it was read', async () => {
    const { path, store, text } = await aFile();
    await store.read(['b']);
    await writeFile(path, text.replace('"data": "', '"data": "AAAA'));
    expect((await failureOf(store.read(['b']))).message).toContain('is damaged');
  });
});

const kdfIn = async (path: string) => JSON.parse(await readFile(path, 'utf8')).kdf;

describe('the key derivation', () => {
  test('of a new file has the cost that OWASP recommends', async () => {
    const path = join(await temporaryFolder(), 'secrets.json');
    const store = openFileStore({ path, passphrase: passphraseOf('correct horse') });
    await store.write({ put: new Map([['a', 'x']]), remove: [] });
    expect(await kdfIn(path)).toMatchObject({ N: 32768, r: 8, p: 3 });
  });

  test('of an older file is raised by a write, not by a read', async () => {
    const { path } = await aFile();
    const before = await kdfIn(path);
    const store = openFileStore({
      path,
      passphrase: passphraseOf('correct horse'),
      cost: { N: 4, r: 8, p: 3 },
    });
    await store.read(['a']);
    expect(await kdfIn(path)).toEqual(before);
    await store.write({ put: new Map([['a', 'x']]), remove: [] });
    const raised = await kdfIn(path);
    expect(raised).toMatchObject({ N: 4, r: 8, p: 3 });
    expect(raised.salt).not.toBe(before.salt);
    expect((await store.read(['default/a/token/1', 'a'])).size).toBe(2);
    expect((await open(path).read(['default/a/token/1', 'a'])).size).toBe(2);
  });

  test('is never made cheaper', async () => {
    const path = join(await temporaryFolder(), 'secrets.json');
    const costly = openFileStore({
      path,
      passphrase: passphraseOf('p'),
      cost: { N: 8, r: 8, p: 1 },
    });
    await costly.write({ put: new Map([['a', 'x']]), remove: [] });
    await open(path, 'p').write({ put: new Map([['b', 'y']]), remove: [] });
    expect(await kdfIn(path)).toMatchObject({ N: 8, r: 8, p: 1 });
  });
});

describe('a passphrase of fewer than 12 characters', () => {
  async function warningsFor(passphrase: string) {
    const warnings: string[] = [];
    const path = join(await temporaryFolder(), 'secrets.json');
    const store = openFileStore({
      path,
      passphrase: passphraseOf(passphrase),
      cost,
      warn: (message) => warnings.push(message),
    });
    await store.assertWritable();
    for (const item of ['a', 'b']) await store.write({ put: new Map([[item, 'x']]), remove: [] });
    return { warnings, isShort: await store.hasShortPassphrase?.() };
  }

  test.each(['eleven char', '\u{1f511}'.repeat(11), 'cafe\u0301 au lai'])(
    'causes one warning, when the file is created: %s',
    async (passphrase) => {
      const { warnings, isShort } = await warningsFor(passphrase);
      expect(warnings).toEqual([expect.stringContaining('fewer than 12 characters')]);
      expect(isShort).toBe(true);
    },
  );

  test('is the limit: 12 characters cause none', async () => {
    expect(await warningsFor('twelve chars')).toEqual({ warnings: [], isShort: false });
  });
});

describe('an unusable secrets file is reported and not changed:', () => {
  async function refusal(path: string, passphrase?: string | null) {
    const before = await readFile(path);
    const store = openFileStore({
      path,
      passphrase: passphraseOf(passphrase === null ? undefined : (passphrase ?? 'correct horse')),
      cost,
    });
    const error = await failureOf(store.read(['a']));
    expect(await failureOf(store.assertWritable())).toEqual(error);
    expect(await failureOf(store.write({ put: new Map(), remove: [] }))).toEqual(error);
    expect((await readFile(path)).equals(before)).toBe(true);
    expect(error.kind).toBe('storage');
    expect(`${error.message} ${error.reason}`).toContain(path);
    return error;
  }

  test('without a passphrase', async () => {
    const { path } = await aFile();
    for (const none of [null, '']) {
      expect((await refusal(path, none)).reason).toContain('CHANNELCTL_PASSPHRASE is not set');
    }
  });

  test('with a wrong passphrase', async () => {
    const { path } = await aFile();
    expect((await refusal(path, 'battery staple')).reason).toContain('Wrong passphrase');
  });

  test.each(['', 'nope', '[]', '{}', '{"version":1}'])('a corrupt file: %j', async (content) => {
    const { path } = await aFile();
    await writeFile(path, content);
    expect((await refusal(path)).message).toContain('is corrupt');
  });

  test('a file from a newer version', async () => {
    const { path } = await aFile();
    await writeFile(path, '{"version":3}');
    const error = await refusal(path);
    expect(error.message).toContain('newer version of channelctl');
    expect(error.hint).toContain('Upgrade');
  });

  test('a damaged file', async () => {
    const { path, text } = await aFile();
    await writeFile(path, text.replace(/"data": ".{6}/, '"data": "AAAAAA'));
    expect((await refusal(path)).message).toContain('damaged or has been tampered with');
  });

  test.each([
    ['content', (e: Record<string, unknown>) => Object.assign(e, { data: 'AAAAAAAA' })],
    [
      'tag',
      (e: Record<string, unknown>) =>
        Object.assign(e, { cipher: { ...Object(e.cipher), tag: 'A'.repeat(22).concat('==') } }),
    ],
  ])('a file whose %s was tampered with and whose checksum was updated', async (_, edit) => {
    const { path, text } = await aFile();
    await tamper(path, text, edit);
    expect((await refusal(path)).message).toBe(`The secrets file ${path} has been tampered with.`);
  });

  test('a file with parameters that require gigabytes of memory', async () => {
    const { path, text } = await aFile();
    for (const greed of [{ N: 2 ** 30 }, { r: 1024 }, { p: 2 ** 20 }, { N: 3 }, { N: 1.5 }]) {
      await tamper(path, text, (e) => Object.assign(e, { kdf: { ...Object(e.kdf), ...greed } }));
      expect((await refusal(path)).message).toContain('is corrupt');
    }
  });

  test('a file with any byte changed', async () => {
    const { path, text } = await aFile();
    const bytes = Buffer.from(text, 'utf8');
    const store = open(path);
    for (let at = 0; at < bytes.length; at += 1) {
      const damaged = Buffer.from(bytes);
      for (const value of [damaged.readUInt8(at) ^ 1, damaged.readUInt8(at) ^ 0x80, 0x20, 0x0a]) {
        if (value === bytes[at]) continue;
        damaged[at] = value;
        await writeFile(path, damaged);
        const { kind } = await failureOf(store.read(['a']));
        expect(kind, `byte ${at} as ${value}`).toBe('storage');
      }
    }
  });

  test('a file truncated at any length', async () => {
    const { path, text } = await aFile();
    for (let length = 0; length < text.length; length += 1) {
      await writeFile(path, text.slice(0, length));
      expect((await failureOf(open(path).read(['a']))).kind).toBe('storage');
    }
  });
});
