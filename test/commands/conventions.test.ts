import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { home as freshHome, homeIn, sharedHome } from '../support/cli.ts';
import { parseTsv } from '../support/tsv.ts';

const ESCAPE = '\u001b';
const NASTY = `a${ESCAPE}[31mb\u009b2Jc\u202ed\te\\f\ng\r h`;
const CONTROLS = /[\p{Cc}\u202e]/u;

const empty = sharedHome();
const home = sharedHome();

beforeAll(async () => {
  await home.json(
    ...['accounts', 'create', '--channel', 'email', '--account-key', 'support'],
    ...['--config', 'address=support@example.com', '--display-name', NASTY, '--inactive'],
  );
  await home.json(
    ...['accounts', 'create', '--channel', 'messenger', '--account-key', 'fb-1065'],
    ...['--config', 'page_id=1065', '--config', 'note=one\ttab', '--config', 'a.b=dotted'],
    ...['--config', 'page_access_token=EAAG-page-token'],
  );
});

describe('a list', () => {
  test.each([
    ['json', '[]\n'],
    ['ndjson', ''],
    ['yaml', '[]\n'],
    ['tsv', 'key\tname\n'],
    ['table', ''],
  ])('that is empty is printed as %s without other text', async (format, expected) => {
    const fields = ['--fields', 'account_key,display_name'];
    const result = await empty.cli('accounts', 'list', '-o', format, ...fields);
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.stdout).toBe(
      expected.replace('key', 'account_key').replace('name', 'display_name'),
    );
  });

  test('is the same in every format that programs read', async () => {
    const [json, ndjson, yaml, tsv] = await Promise.all(
      ['json', 'ndjson', 'yaml', 'tsv'].map((format) => home.cli('accounts', 'list', '-o', format)),
    );
    const list = JSON.parse(json?.stdout ?? '');
    expect(list.map((account: { channel: string }) => account.channel)).toEqual([
      'email',
      'messenger',
    ]);
    expect(list[0].display_name).toBe(NASTY);
    expect(parseYaml(yaml?.stdout ?? '')).toEqual(list);

    const lines = ndjson?.stdout.split('\n') ?? [];
    expect(lines.pop(), 'the last line has a line break').toBe('');
    expect(lines.map((line) => JSON.parse(line))).toEqual(list);

    const rows = parseTsv(tsv?.stdout ?? '');
    expect(Object.keys(rows[0] ?? {})).toEqual(Object.keys(list[0]));
    expect(rows.map(({ config = '' }) => JSON.parse(config))).toEqual(
      list.map(({ config }: { config: unknown }) => config),
    );
    expect(rows[1]).toMatchObject({
      account_key: 'fb-1065',
      is_active: 'true',
      display_name: '',
      webhook_url: '',
    });
  });

  test('in TSV has one line per item: tabs, line breaks and backslashes are escaped', async () => {
    const { stdout } = await home.cli('accounts', 'list', '-o', 'tsv', '--fields', 'display_name');
    expect(stdout).toBe('display_name\na[31mb2Jcd\\te\\\\f\\ng\\r h\n\n');
    expect(parseTsv(stdout)[0]?.display_name).toBe('a[31mb2Jcd\te\\f\ng\r h');
  });

  test('in a table has columns under a heading', async () => {
    const { stdout } = await home.cli('accounts', 'list');
    const [heading, ...rows] = stdout.trimEnd().split('\n');
    expect(heading).toMatch(/^CHANNEL +ACCOUNT KEY +DISPLAY NAME/);
    expect(rows).toHaveLength(2);
    expect(rows[1]).toMatch(/^messenger +fb-1065 +- +yes +yes +[0-9a-f-]{36}$/);
  });
});

describe('an object', () => {
  test('is one line in NDJSON, and a heading and one line in TSV', async () => {
    const path = { path: home.stateFile() };
    const ndjson = await home.cli('config', 'path', '-o', 'ndjson');
    expect(ndjson.stdout).toBe(`${JSON.stringify(path)}\n`);
    const tsv = await home.cli('config', 'path', '-o', 'tsv');
    expect(tsv.stdout).toBe(`path\n${path.path}\n`);
  });

  test('in a table has one line per field, with nested fields indented', async () => {
    const { stdout } = await home.cli('accounts', 'get', 'fb-1065');
    expect(stdout).toMatch(/^config\n {2}page_id +1065\n/m);
    expect(stdout).toMatch(/^is_default +yes$/m);
    expect(stdout).toMatch(/^division_id +-$/m);
  });
});

describe('control characters', () => {
  test.each(['table', 'tsv', 'yaml', 'json', 'ndjson'])(
    'in a name are not printed as %s',
    async (format) => {
      const { stdout } = await home.cli('accounts', 'get', 'support', '-o', format);
      const readable = format === 'table' || format === 'tsv';
      const forbidden = readable ? CONTROLS : /\p{Cc}/u;
      expect(stdout.replaceAll(/[\n\t]/g, ' ')).not.toMatch(forbidden);
    },
  );

  test('in an argument are not printed by an error', async () => {
    const plain = await home.cli('accounts', 'get', NASTY);
    expect(plain.code).toBe(3);
    expect(plain.stderr.trimEnd().split('\n')).toHaveLength(2);
    expect(plain.stderr.replaceAll('\n', ' ')).not.toMatch(CONTROLS);
    const { error } = await home.failure('accounts', 'get', NASTY);
    expect(error.message).toContain(NASTY);
  });
});

describe('--fields', () => {
  const get = (...args: string[]) => home.json('accounts', 'get', 'fb-1065', ...args);

  test('keeps the shape in JSON, in the order of the paths', async () => {
    const picked = await get('--fields', 'config.page_id,id,channel');
    expect(picked).toEqual({ config: { page_id: '1065' }, id: picked.id, channel: 'messenger' });
    expect(Object.keys(picked)).toEqual(['config', 'id', 'channel']);
    expect(await home.json('accounts', 'list', '--fields', 'config.page_id')).toEqual([
      { config: { page_id: null } },
      { config: { page_id: '1065' } },
    ]);
  });

  test('supports keys that contain a dot', async () => {
    expect(await get('--fields', 'config.a.b')).toEqual({ config: { 'a.b': 'dotted' } });
  });

  test('is flat in TSV and in a table', async () => {
    const fields = ['--fields', 'account_key,config.page_id'];
    const tsv = await home.cli('accounts', 'list', '-o', 'tsv', ...fields);
    expect(tsv.stdout).toBe('account_key\tconfig.page_id\nsupport\t\nfb-1065\t1065\n');
    const table = await home.cli('accounts', 'list', ...fields);
    expect(table.stdout).toMatch(/^ACCOUNT KEY +CONFIG.PAGE ID\nsupport +-\nfb-1065 +1065\n$/);
  });

  test.each([
    ['nope', 'nope'],
    ['id,nope.id,channel', 'nope.id'],
    ['constructor', 'constructor'],
    ['id.nope', 'id.nope'],
    ['configuration.page_id', 'configuration.page_id'],
    ['', '--fields'],
  ])('%j is a usage error that lists the valid ones', async (fields, named) => {
    const { code, stdout, error } = await empty.failure('accounts', 'list', '--fields', fields);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(error).toMatchObject({ kind: 'usage', message: expect.stringContaining(named) });
    expect(error.message).toContain('id, channel, account_key, display_name');
  });

  test.each([
    [['status', '--offline'], 'problems.graph.nope', 'problems.graph.fbtrace_id'],
    [['accounts', 'check', '--all'], 'problems.nope', 'problems.severity'],
    [['audit', 'list'], 'changes.nope', 'changes.field'],
    [['email', 'check', 'support'], 'imap.nope', 'imap.problem.kind'],
    [['tokens', 'refresh', 'support'], 'error.nope', 'error.graph.code'],
    [['messenger', 'pages', '--all-pages'], 'pages.nope', 'pages.error.hint'],
    [['messenger', 'connect', '--list-only'], 'success', 'user_token, pages, pages.id'],
    [['messenger', 'connect', '--all-pages'], 'user_token', 'success, pages, pages.id'],
  ])('%j accepts only the nested fields of its result: not %s', async (args, unknown, known) => {
    const { code, error } = await empty.failure(...args, '--fields', unknown);
    expect({ code, kind: error.kind }).toEqual({ code: 2, kind: 'usage' });
    expect(error.message).toContain(`Unknown field: ${unknown}.`);
    expect(error.message).toContain(known);
  });

  test('selects nested fields of a result, and any field of a configuration', async () => {
    const changes = await home.json('audit', 'list', '--fields', 'action,changes.field');
    expect(changes[0]).toEqual({ action: 'account.created', changes: expect.anything() });
    expect(changes[0].changes[0]).toEqual({ field: expect.any(String) });
    expect(await get('--fields', 'config.nowhere')).toEqual({ config: { nowhere: null } });
  });

  test('with an unknown field changes nothing', async () => {
    const args = ['accounts', 'set-default', 'support', '--fields', 'nope'];
    const before = await home.state();
    expect((await home.failure(...args)).code).toBe(2);
    expect(await home.state()).toBe(before);
  });
});

describe('global options', () => {
  test.each([
    [['--json', '--fields', 'path', 'config', 'path']],
    [['config', '--json', '--fields', 'path', 'path']],
    [['config', 'path', '--fields=path', '--json']],
    [['-o', 'json', 'config', 'path', '-y', '-q']],
    [['-ojson', 'config', '--no-input', '--no-color', 'path', '--debug']],
  ])('work in any position: %j', async (args) => {
    const { code, stdout, stderr } = await home.cli(...args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({ path: home.stateFile() });
  });

  test('--profile works in any position', async () => {
    for (const args of [
      ['--profile', 'other', 'config', 'path'],
      ['config', 'path', '--profile', 'other'],
    ])
      expect(await home.json(...args)).toEqual({ path: home.stateFile('other') });
  });

  test('--json and another --output cannot be used together', async () => {
    for (const args of [
      ['--json', 'config', 'list', '-o', 'table'],
      ['config', 'list', '--output=yaml', '--json'],
    ]) {
      const { code, stdout, stderr } = await home.cli(...args);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(JSON.parse(stderr).error.message).toContain('cannot be used together');
    }
    expect((await home.cli('config', 'path', '--json', '-o', 'json')).code).toBe(0);
  });

  test('--quiet hides warnings, but not results or errors', async () => {
    const set = ['integrations', 'set', 'instagram', '--config', 'app_secret=on-the-command-line'];
    const other = homeIn(home.configDir, { CHANNELCTL_PROFILE: 'quiet' });
    expect((await other.cli(...set)).stderr).toContain('warning:');
    const quiet = await other.cli(...set, '-q');
    expect(quiet).toMatchObject({ code: 0, stderr: '' });
    expect(quiet.stdout).toContain('instagram');
    expect((await other.cli('accounts', 'get', 'nope', '-q')).stderr).toContain('error:');
  });
});

describe('an error', () => {
  test.each(['--json', '-ojson', '--output=ndjson', '-yo json', '-o json --json'])(
    'with %s is a JSON object on the last line of stderr, after any warnings',
    async (flags) => {
      const { code, stdout, stderr } = await home.cli(
        ...['accounts', 'create', '--channel', 'email', '--account-key', 'x'],
        ...flags.split(' '),
        ...['--config', 'password=on-the-command-line'],
      );
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      const [warning, error, ...rest] = stderr
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(rest).toEqual([]);
      expect(warning).toEqual({
        warning: { message: expect.stringContaining('password'), hint: expect.any(String) },
      });
      expect(error).toEqual({
        error: {
          kind: 'usage',
          message: expect.stringContaining('address'),
          hint: expect.stringContaining('--config address='),
          graph: null,
        },
      });
      expect(stderr).not.toContain('on-the-command-line');
    },
  );

  test.each(['null', 'kind', 'graph', 'usage'])(
    'keeps its structure if a secret equals %s, which occurs in it',
    async (secret) => {
      const { error } = await homeIn(home.configDir, { S: secret }).failure(
        ...['integrations', 'set', 'email', '--config', 'a_secret=env:S', '--unset', 'a_secret'],
      );
      expect(Object.keys(error)).toEqual(['kind', 'message', 'hint', 'graph']);
      expect(error).toMatchObject({ kind: 'usage', graph: null });
    },
  );

  test('otherwise prints the message, reason and next step on one line each', async () => {
    const { stderr } = await home.cli('accounts', 'get', 'nope');
    expect(stderr).toBe(
      'error: No account matches "nope".\n next: To list all accounts, run: channelctl accounts list\n',
    );
    const explained = await home.cli('audit', 'list', '--since', 'nope');
    expect(explained.stderr).toMatch(
      /^error: Invalid value for --since: "nope"\.\n {2}why: .+\n next: Pass a value such as .+\n$/,
    );
  });

  test('uses the format of the profile, wherever it is detected', async () => {
    const other = homeIn(home.configDir, { CHANNELCTL_PROFILE: 'speaks-json' });
    await other.json('config', 'set', 'output', 'json');
    for (const [code, ...args] of [
      [3, 'accounts', 'get', 'nope'],
      [2, 'accounts', 'list', '--fields', 'nope'],
      [2, 'accounts', 'lst'],
      [2, 'accounts', 'list', '--profile', 'speaks-json', '--nope'],
    ] as const) {
      const result = await other.cli(...args);
      expect(result.code).toBe(code);
      expect(Object.keys(JSON.parse(result.stderr))).toEqual(['error']);
    }
    const plain = await other.cli('accounts', 'get', 'nope', '-o', 'table');
    expect(plain.stderr).toMatch(/^error: /);
  });
});

describe('an invalid command line exits with 2 and names the help command', () => {
  test.each<[string, string[], said: RegExp]>([
    ['an unknown group', ['acounts'], /'acounts'[\s\S]*accounts[\s\S]*channelctl --help/],
    ['an unknown command', ['menu', 'lst', 'accounts'], /'lst'[\s\S]*channelctl menu --help/],
    ['a missing command', ['accounts'], /list, get, create, update, set-default, check, delete/],
    [
      'an unknown option',
      ['menu', 'get', 'accounts', '--nope'],
      /--nope[\s\S]*channelctl menu get --help/,
    ],
    [
      'a missing argument',
      ['whatsapp', 'register'],
      /why: Expected account: WhatsApp account \(ID, .*\)\.[\s\S]*channelctl whatsapp register --help/,
    ],
    ['too many arguments', ['accounts', 'list', 'x'], /why: Expected 0[\s\S]*accounts list --help/],
    ['a missing option', ['plan'], /why: Expected -f, --file <path\|->: /],
    [
      'an option without its value',
      ['accounts', 'list', '--channel'],
      /why: Expected --channel <chan/,
    ],
    [
      'a global option without its value',
      ['accounts', 'list', '--profile'],
      /why: Expected --profile <n/,
    ],
    [
      'an unknown format',
      ['accounts', 'list', '-o', 'xml'],
      /why: .*table, json, ndjson, yaml, tsv/,
    ],
    ['an unknown channel', ['integrations', 'get', 'fax'], /whatsapp, messenger, instagram, email/],
    [
      'mutually exclusive options',
      ['accounts', 'list', '--active', '--inactive'],
      /--active and --inactive cannot be used together/,
    ],
  ])('%s', async (_, args, said) => {
    const { code, stdout, stderr } = await empty.cli(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^error: .+\n(?: {2}why: .+\n)? next: .+\n$/);
    expect(stderr).toMatch(said);
  });

  test('does not show the value of an unknown option, which may be a secret', async () => {
    const { stderr } = await empty.cli('accounts', 'list', '--access-token=EAAG-secret');
    expect(stderr).toContain("'--access-token'");
    expect(stderr).not.toContain('EAAG');
  });
});

describe('help', () => {
  test('is also printed by the command help, and without arguments', async () => {
    const [asked, flagged] = await Promise.all([
      empty.cli('help', 'accounts', 'list'),
      empty.cli('accounts', 'list', '--help'),
    ]);
    expect(asked).toEqual(flagged);
    expect(await empty.cli()).toEqual(await empty.cli('--help'));
  });

  test('for an unknown command is a usage error', async () => {
    for (const args of [
      ['help', 'acounts'],
      ['acounts', '--help'],
      ['accounts', 'lst', '-h'],
    ]) {
      const { code, stdout, stderr } = await empty.cli(...args);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(/'(acounts|lst)'[\s\S]*(accounts|set-default)/);
    }
  });

  test('works even if the state cannot be read', async () => {
    const broken = homeIn(empty.configDir, { CHANNELCTL_PROFILE: 'broken' });
    await mkdir(dirname(broken.stateFile('broken')), { recursive: true });
    await writeFile(broken.stateFile('broken'), '{');
    expect((await broken.cli('accounts', 'list')).code).toBe(8);
    expect((await broken.cli('accounts', 'list', '--help')).code).toBe(0);
  });
});

describe('colour', () => {
  const coloured = async (extra: Record<string, string>, ...flags: string[]) => {
    const { stdout, stderr } = await homeIn(home.configDir, extra).cli(
      ...['accounts', 'list', ...flags],
    );
    expect(stderr).toBe('');
    return stdout.includes(ESCAPE);
  };

  test('is not used in a pipe, except with FORCE_COLOR', async () => {
    expect(await coloured({})).toBe(false);
    expect(await coloured({ FORCE_COLOR: '1' })).toBe(true);
    expect(await coloured({ FORCE_COLOR: '0' })).toBe(false);
  });

  test('is not used in JSON or with --no-color, even if a variable enables it', async () => {
    expect(await coloured({ FORCE_COLOR: '1' }, '--no-color')).toBe(false);
    expect(await coloured({ NO_COLOR: '1' })).toBe(false);
    expect(await coloured({ FORCE_COLOR: '1' }, '--json')).toBe(false);
  });

  test('of an error follows the same rules', async () => {
    const forced = homeIn(home.configDir, { FORCE_COLOR: '1' });
    expect((await forced.cli('accounts', 'get', 'nope')).stderr).toContain(`${ESCAPE}[31merror:`);
    for (const flag of ['--no-color', '--json'])
      expect((await forced.cli('accounts', 'get', 'nope', flag)).stderr).not.toContain(ESCAPE);
  });
});

describe('an option with a value that is passed twice', () => {
  test.each([
    ['-f', ['plan', '-f', 'a.yaml', '-f', 'b.yaml']],
    ['--file', ['plan', '-f', 'a.yaml', '--file=b.yaml']],
    ['--config-file', ['integrations', 'set', 'email', '--config-file', 'a', '--config-file', 'b']],
    ['--division-id', ['accounts', 'list', '--division-id', 'a', '--division-id', 'a']],
    ['--profile', ['--profile', 'a', 'accounts', 'list', '--profile', 'b']],
    ['--output', ['accounts', 'list', '-o', 'json', '-otsv']],
    ['--fields', ['accounts', 'list', '--fields', 'id', '--fields', 'channel']],
  ])('is a usage error: %s', async (flag, args) => {
    const { code, stdout, stderr } = await empty.cli(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(flag);
    expect(stderr).toContain('more than once');
  });

  test('is accepted if the option is a flag or can be repeated', async () => {
    expect((await empty.cli('accounts', 'list', '--json', '--json', '-q', '-q')).code).toBe(0);
    const args = ['--config', 'a=1', '--config', 'a=2', '--json'];
    expect(
      (await (await freshHome()).json('integrations', 'set', 'email', ...args)).config,
    ).toEqual({
      a: '2',
    });
  });
});
