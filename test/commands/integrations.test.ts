import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { home, homeIn, run, sharedHome } from '../support/cli.ts';

const CHANNELS = ['whatsapp', 'messenger', 'instagram', 'email'];
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const SECRET = '0123456789abcdef';

const notConfigured = (channel: string) => ({
  id: null,
  channel,
  is_active: false,
  config: {},
  created_at: null,
  updated_at: null,
  division_id: null,
});

test('list shows configured integrations, and with --all also empty ones', async () => {
  const { json } = await home();
  expect(await json('integrations', 'list')).toEqual([]);
  expect(await json('integrations', 'list', '--all')).toEqual(CHANNELS.map(notConfigured));
  const instagram = await json('integrations', 'set', 'instagram', '--config', 'app_id=7');
  expect(await json('integrations', 'list')).toEqual([instagram]);
  expect(await json('integrations', 'list', '--all')).toEqual(
    CHANNELS.map((channel) => (channel === 'instagram' ? instagram : notConfigured(channel))),
  );
});

test.each(CHANNELS)(
  '%s: is empty until set, is created as active, then updated',
  async (channel) => {
    const { json, state } = await home();
    expect(await json('integrations', 'get', channel)).toEqual(notConfigured(channel));
    expect(await state()).toBeNull();

    const created = await json('integrations', 'set', channel, '--config', 'app_id=1065');
    expect(created).toEqual({
      id: expect.stringMatching(UUID),
      channel,
      is_active: true,
      config: { app_id: '1065' },
      created_at: expect.stringMatching(ISO),
      updated_at: created.created_at,
      division_id: null,
    });

    const updated = await json('integrations', 'set', channel, '--inactive', '--division-id', 'd1');
    expect(updated).toEqual({
      ...created,
      is_active: false,
      division_id: 'd1',
      updated_at: expect.stringMatching(ISO),
    });
    expect(Date.parse(updated.updated_at)).toBeGreaterThan(Date.parse(created.updated_at));
    expect(await json('integrations', 'get', channel)).toEqual(updated);
    expect(await json('integrations', 'set', channel, '--active')).toMatchObject({
      is_active: true,
      division_id: 'd1',
      config: { app_id: '1065' },
    });
  },
);

describe('config is merged key by key', () => {
  test('sets and removes the specified keys, and keeps the others', async () => {
    const { json } = await home();
    const set = (...args: string[]) =>
      json('integrations', 'set', 'messenger', ...args, '--fields', 'config');
    await set('--config', 'app_id=1', '--config', 'config_id=2', '--config', 'my.own-key=3');
    expect(await set('--config', 'app_id=9', '--unset', 'config_id')).toEqual({
      config: { app_id: '9', 'my.own-key': '3' },
    });
    expect(await set('--config', 'app_secret=0123456789abcdef')).toEqual({
      config: { app_id: '9', 'my.own-key': '3', app_secret: '********cdef' },
    });
    expect(await set('--unset', 'app_secret', '--unset', 'was_never_there')).toEqual({
      config: { app_id: '9', 'my.own-key': '3' },
    });
  });

  test('a new integration gets the division of the profile or of the option', async () => {
    const { json } = await home();
    await json('config', 'set', 'division_id', 'east');
    const division = (...args: string[]) =>
      json('integrations', 'set', ...args, '--active', '--fields', 'division_id');
    expect(await division('email')).toEqual({ division_id: 'east' });
    expect(await division('whatsapp', '--division-id', 'west')).toEqual({ division_id: 'west' });
  });
});

describe('a value', () => {
  const here = sharedHome({ FROM_HERE: 'of-a-variable', EMPTY: '' });
  const file = (name: string) => join(here.configDir, name);
  const config = (...args: string[]) =>
    here.json('integrations', 'set', 'email', ...args, '--fields', 'config');

  test('passed as k=v is always a string, which may contain =', async () => {
    expect(
      await config('--config', 'port=993', '--config', 'flag=true', '--config', 'q=a=b'),
    ).toEqual({ config: { port: '993', flag: 'true', q: 'a=b' } });
  });

  test('can come from a file, a variable or stdin, without its final newline', async () => {
    await writeFile(file('one.txt'), 'line one\nline two\n\n');
    await writeFile(file('crlf.txt'), 'windows\r\n');
    const result = await run(
      [
        ...['integrations', 'set', 'instagram', '--json', '--fields', 'config'],
        ...['--config', `one=@${file('one.txt')}`, '--config', `crlf=@${file('crlf.txt')}`],
        ...['--config', 'variable=env:FROM_HERE', '--config', 'stdin=-'],
      ],
      here.env,
      'of stdin\n',
    );
    expect(JSON.parse(result.stdout)).toEqual({
      config: {
        one: 'line one\nline two\n',
        crlf: 'windows',
        variable: 'of-a-variable',
        stdin: 'of stdin',
      },
    });
  });

  test('from a file is read without a byte order mark', async () => {
    await writeFile(file('marked.txt'), '\ufefftext\n');
    const { config: read } = await config('--config', `marked=@${file('marked.txt')}`);
    expect(read.marked).toBe('text');
  });

  test('from a file in UTF-16 with a byte order mark is decoded', async () => {
    await writeFile(file('utf16.txt'), Buffer.from('\ufefftext\r\n', 'utf16le'));
    const { config: read } = await config('--config', `utf16=@${file('utf16.txt')}`);
    expect(read.utf16).toBe('text');
  });

  test('from a file whose path begins with ~ is rejected with the reason', async () => {
    const { code, error } = await here.failure(
      ...['integrations', 'set', 'email', '--config', 'x=@~/secret.txt'],
    );
    expect(code).toBe(2);
    expect(error.hint).toContain('only a shell expands ~');
  });

  test('may have any key without control characters', async () => {
    const key = `smtp host/${'of the desk '.repeat(12)}`;
    const { config: kept } = await config('--config', `${key}=x`);
    expect(kept[key]).toBe('x');
  });

  test.each(['file', 'stdin'])('from a %s is rejected if it is not UTF-8', async (where) => {
    const bytes = Buffer.from([0x61, 0xff, 0x62]);
    await writeFile(file('bytes.txt'), bytes);
    const value = where === 'file' ? `@${file('bytes.txt')}` : '-';
    const args = ['integrations', 'set', 'email', '--config', `bytes=${value}`, '--json'];
    const { code, stderr } = await run(args, here.env, bytes);
    expect(code).toBe(2);
    expect(JSON.parse(stderr).error.message).toContain('UTF-8');
  });

  test('that is not a string, or begins with @, - or env:, can be passed with --config-file', async () => {
    await writeFile(
      file('config.json'),
      '{"n":1.5,"t":true,"none":null,"list":[1,{"a":"b"}],"at":"@x","dash":"-","env":"env:X"}',
    );
    expect(await here.json('integrations', 'set', 'whatsapp', '--config-file', file('config.json')))
      // biome-ignore format: one line per type
      .toMatchObject({
      config: {
        n: 1.5,
        t: true,
        none: null,
        list: [1, { a: 'b' }],
        at: '@x',
        dash: '-',
        env: 'env:X',
      },
    });
  });

  test('in a config file keeps all digits of an ID, a secret or a large number', async () => {
    const yaml = [
      'app_id: 00123456789012345678',
      'pin: 001234',
      'api_token: 12345678901234567890',
      'count: 98765432109876543210',
      'small: 5',
      'inner: {page_id: 17, list: [98765432109876543210, 6]}',
    ].join('\n');
    const given = ['integrations', 'set', 'messenger', '--config-file', '-', '--json'];
    expect((await run(given, here.env, yaml)).code).toBe(0);
    const { config: kept } = await here.json('integrations', 'get', 'messenger', '--reveal');
    expect(kept).toEqual({
      app_id: '00123456789012345678',
      pin: '001234',
      api_token: '12345678901234567890',
      count: '98765432109876543210',
      small: 5,
      inner: { page_id: '17', list: ['98765432109876543210', 6] },
    });
  });

  test('is the last one if it is passed twice, and --config overrides the file', async () => {
    await writeFile(file('low.yaml'), 'a: of the file\nb: of the file\n');
    const both = ['--config', 'a=first', '--config', 'a=last', '--config-file', file('low.yaml')];
    expect(await here.json('integrations', 'set', 'email', ...both)).toMatchObject({
      config: { a: 'last', b: 'of the file' },
    });
  });

  test.each<[string, string[], named: string, stdin?: string]>([
    ['no key', ['--config', 'only-a-secret'], 'key=value'],
    ['an empty key', ['--config', '=x'], 'key=value'],
    ['a key with a control character', ['--config', 'a\u0007b=x'], 'control character'],
    ['__proto__', ['--config', '__proto__=x'], '__proto__'],
    ['a missing file', ['--config', 'a=@/nowhere/x'], '/nowhere/x'],
    ['a folder', ['--config', 'a=@/'], 'folder'],
    ['an unset variable', ['--config', 'a=env:NOT_SET_HERE'], 'NOT_SET_HERE'],
    ['an empty variable', ['--config', 'a=env:EMPTY'], 'empty'],
    [
      'stdin twice',
      ['--config', 'a=-', '--config', 'b=-'],
      '--config a and --config b cannot both',
    ],
    [
      'stdin for both options',
      ['--config', 'a=-', '--config-file', '-'],
      '--config-file and --config a',
      '{}',
    ],
    ['a list instead of an object', ['--config-file', '-'], 'object', '[1]'],
    ['a string instead of an object', ['--config-file', '-'], 'object', 'app_secret'],
    ['an empty document', ['--config-file', '-'], 'object', ''],
    ['neither JSON nor YAML', ['--config-file', '-'], 'line 1', '{"app_secret": "hidden'],
    ['a duplicate key', ['--config-file', '-'], 'line 2', 'a: 1\na: 2'],
    ['an alias without an anchor', ['--config-file', '-'], 'anchor', 'a: *b'],
    ['an alias of its own parent', ['--config-file', '-'], 'line 2', 'a: &a\n  b: *a'],
    ['a binary value', ['--config-file', '-'], 'line 1, column 15', 'key: !!binary aGk='],
    ['a set', ['--config-file', '-'], 'line 1', 'key: !!set {x, y}'],
    ['a custom tag', ['--config-file', '-'], 'line 1', 'key: !mine x'],
    ['an object as a key', ['--config-file', '-'], 'line 1', '? {a: 1}\n: b'],
    ['an infinite number', ['--config-file', '-'], 'line 1', 'a: .inf'],
    ['a key that is both set and unset', ['--config', 'a=1', '--unset', 'a'], '--unset a'],
    ['both --active and --inactive', ['--active', '--inactive'], 'used together'],
  ])('%s is a usage error, and changes nothing', async (_, args, named, stdin = '') => {
    const before = await here.state();
    const line = ['integrations', 'set', 'email', ...args, '--json'];
    const { code, stdout, stderr } = await run(line, here.env, stdin);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    const { kind, message, hint } = JSON.parse(stderr).error;
    expect(kind).toBe('usage');
    expect(`${message} ${hint}`).toContain(named);
    expect(stderr, 'the input may be a secret').not.toMatch(/hidden|only-a-secret/);
    expect(await here.state()).toBe(before);
  });

  test('rejects aliases that would exhaust the memory', async () => {
    const levels = ['a: &a [x,x,x,x,x,x,x,x,x,x]'];
    for (const [above, name] of ['ab', 'bc', 'cd', 'de', 'ef'].map((pair) => [...pair]))
      levels.push(`${name}: &${name} [${Array(10).fill(`*${above}`)}]`);
    const args = ['integrations', 'set', 'email', '--config-file', '-'];
    const { code, stderr } = await run(args, here.env, levels.join('\n'));
    expect({ code, said: stderr.includes('Aliases') }).toEqual({ code: 2, said: true });
  });
});

describe('a secret', () => {
  test('is masked except for the last four of at least twelve characters, and is not in the state', async () => {
    const { json, state } = await home();
    const secrets = {
      app_secret: 'twelve-chars',
      verify_token: 'eleven-char',
      pin: '🔑'.repeat(12),
    };
    const pairs = Object.entries(secrets).flatMap(([key, value]) => [
      '--config',
      `${key}=${value}`,
    ]);
    const { config } = await json('integrations', 'set', 'messenger', ...pairs);
    expect(config).toEqual({
      app_secret: '********hars',
      verify_token: '********',
      pin: `********${'🔑'.repeat(4)}`,
    });
    const [listed] = await json('integrations', 'list');
    expect(listed.config).toEqual(config);
    const kept = Buffer.from((await state()) ?? '', 'latin1').toString();
    for (const value of Object.values(secrets)) expect(kept).not.toContain(value);
    expect((await json('integrations', 'get', 'messenger', '--reveal')).config).toEqual(secrets);
  });

  test('is recognized by the last word of its key', async () => {
    const { json } = await home();
    // biome-ignore format: a table
    const secret = ['apiToken', 'API_TOKEN', 'smtp.password', 'my-passphrase', 'clientSecret', 'PIN', 'rsa_private_key', 'x.api_key', 'apiKey', 'sshPrivateKey', 'token_', 'Token', 'caféToken', 'éPin'];
    // biome-ignore format: a table
    const plain = ['token_expires_at', 'shipping_zone', 'secretary', 'pin_code', 'key', 'public_key', 'mytoken', 'spinning', 'passwords', 'TOKENS'];
    const pairs = [...secret, ...plain].flatMap((key) => ['--config', `${key}=v`]);
    const { config } = await json('integrations', 'set', 'email', ...pairs);
    const masked = Object.keys(config).filter((key) => config[key] === '********');
    expect(masked.sort()).toEqual([...secret].sort());
  });

  test('inside an object or a list is rejected, because it would be written to the state', async () => {
    const here = await home();
    for (const [text, path] of [
      ['{"a": {"b": [{"access_token": "hidden"}]}}', 'a.b.0.access_token'],
      ['smtp:\n  password: hidden', 'smtp.password'],
    ] as const) {
      const args = ['integrations', 'set', 'email', '--config-file', '-', '--json'];
      const { code, stderr } = await run(args, here.env, text);
      expect(code).toBe(2);
      expect(JSON.parse(stderr).error.message).toContain(path);
      expect(stderr).not.toContain('hidden');
    }
    expect(await here.state()).toBeNull();
  });

  test('must be a non-empty string', async () => {
    const here = await home();
    for (const value of ['null', 'true', '""', '[]', '{}']) {
      const args = ['integrations', 'set', 'email', '--config-file', '-', '--json'];
      expect((await run(args, here.env, `{"app_secret": ${value}}`)).code).toBe(2);
    }
    expect(await here.state()).toBeNull();
  });

  test('causes a warning if it is on the command line, but not from other sources', async () => {
    const here = await home({ OF_APP: SECRET });
    const set = (value: string) =>
      here.cli('integrations', 'set', 'messenger', '--config', `app_secret=${value}`, '--json');
    const bare = await set(SECRET);
    expect(bare.code).toBe(0);
    const { warning } = JSON.parse(bare.stderr);
    expect(Object.keys(warning)).toEqual(['message', 'hint']);
    expect(warning.message).toMatch(/app_secret.*command line/);
    expect(warning.hint).toContain('app_secret=env:NAME');
    expect(bare.stderr).not.toContain(SECRET);
    expect((await set('env:OF_APP')).stderr).toBe('');
    expect((await set('********cdef')).stderr, 'a mask reveals nothing').toBe('');
  });
});

describe('a mask as the value of a secret', () => {
  const here = sharedHome();
  const set = (value: string) => ['integrations', 'set', 'messenger', '--config', value];

  test('changes nothing if it is the mask of the stored secret', async () => {
    await here.json(...set(`app_secret=${SECRET}`));
    const shown = await here.json('integrations', 'get', 'messenger');
    const back = await here.json(...set(`app_secret=${shown.config.app_secret}`));
    expect(back.updated_at).toBe(shown.updated_at);
    expect(await here.json('audit', 'list')).toHaveLength(1);
    const file = join(here.configDir, 'shown.json');
    await writeFile(file, JSON.stringify({ ...shown.config, app_id: '9' }));
    await here.json('integrations', 'set', 'messenger', '--config-file', file);
    expect((await here.json('integrations', 'get', 'messenger', '--reveal')).config).toEqual({
      app_id: '9',
      app_secret: SECRET,
    });
  });

  test.each([
    ['app_secret=********'],
    ['app_secret=********cdeg'],
    ['app_secret=*********cdef'],
    ['app_secret=********cdef0'],
    ['other_secret=********'],
    ['other_secret=************'],
  ])('is a usage error if it differs, or if no secret is stored: %s', async (value) => {
    const before = await here.state();
    const { code, error } = await here.failure(...set(value));
    expect({ code, kind: error.kind }).toEqual({ code: 2, kind: 'usage' });
    expect(error.message).toContain('mask');
    expect(await here.state()).toBe(before);
  });

  test('is an ordinary string for a key that is not a secret', async () => {
    const { config } = await here.json(...set('note=********'));
    expect(config.note).toBe('********');
  });
});

describe('a variable', () => {
  const variable = { CHANNELCTL_SECRET_MESSENGER_APP_SECRET: 'of-the-variable' };

  test('overrides the stored secret in every store, and its mask changes nothing', async () => {
    const here = await home();
    await here.json('integrations', 'set', 'messenger', '--config', `app_secret=${SECRET}`);
    for (const store of ['file', 'env', 'keychain']) {
      const other = homeIn(here.configDir, { ...variable, CHANNELCTL_SECRETS: store });
      const shown = await other.json('integrations', 'get', 'messenger', '--reveal');
      expect(shown.config.app_secret).toBe('of-the-variable');
    }
    const other = homeIn(here.configDir, variable);
    const mask = ['integrations', 'set', 'messenger', '--config', 'app_secret=********able'];
    expect((await other.json(...mask)).config.app_secret).toBe('********able');
    const stored = await here.json('integrations', 'get', 'messenger', '--reveal');
    expect(stored.config.app_secret).toBe(SECRET);
  });

  test('is read with CHANNELCTL_SECRETS=env, and storing a secret is rejected', async () => {
    const here = await home({ ...variable, CHANNELCTL_SECRETS: 'env' });
    const { code, error } = await here.failure(
      ...['integrations', 'set', 'messenger', '--config', `app_secret=${SECRET}`],
    );
    expect({ code, kind: error.kind }).toEqual({ code: 8, kind: 'storage' });
    expect(error.message).toContain('CHANNELCTL_SECRETS=env');
    expect(await here.state()).toBeNull();
    await here.json('integrations', 'set', 'messenger', '--config', 'app_id=1');
    expect((await here.json('integrations', 'get', 'messenger')).config).toEqual({
      app_id: '1',
      app_secret: '********able',
    });
  });
});

test('--reveal fails if a secret is missing, instead of showing its mask', async () => {
  const here = await home();
  await here.json('integrations', 'set', 'messenger', '--config', `app_secret=${SECRET}`);
  const other = homeIn(here.configDir, { CHANNELCTL_SECRETS: 'env' });
  const { code, error, stdout } = await other.failure(
    ...['integrations', 'get', 'messenger', '--reveal'],
  );
  expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
  expect(error.message).toContain('app_secret');
  expect((await other.json('integrations', 'get', 'messenger')).config.app_secret).toBe(
    '********cdef',
  );
});
