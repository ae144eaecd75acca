import { expect, test } from 'vitest';
import { parseDocumentText } from '../../src/declarative/document/parse.ts';
import { ChannelctlError } from '../../src/shared/errors.ts';
import { documentHome } from './fleet.ts';

function refusal(text: string): string {
  try {
    parseDocumentText(text, 'channels.yaml');
    return '';
  } catch (error) {
    if (error instanceof ChannelctlError && error.kind === 'usage') return error.reason;
    throw error;
  }
}

function issueIn(...lines: string[]): string {
  return refusal(['version: 1', ...lines].join('\n'));
}

test('a literal secret is rejected with its position, and never quoted', async () => {
  const { with: use, cli } = await documentHome();
  const { code, stdout, stderr } = await use(
    'apply',
    `version: 1
integrations:
  - channel: messenger
    config:
      app_id: 1045
      app_secret: a-secret-in-the-clear
accounts:
  - channel: email
    account_key: support
    config:
      address: a@example.com
      password: 83402934875
      api_token: { value: another-secret }
      extra: { list: [1, { inner: { apiToken: a-third-secret } }] }
`,
    '--yes',
    '--debug',
  );
  expect(code).toBe(2);
  expect(stdout).toBe('');
  const rule =
    'is a secret and must be a reference: {env: NAME}, {file: path} or {command: [program, argument, …]}';
  expect(stderr).toContain(`line 6, column 19: integrations[0].config.app_secret ${rule}`);
  expect(stderr).toContain(`line 12, column 17: accounts[0].config.password ${rule}`);
  expect(stderr).toContain(`line 13, column 18: accounts[0].config.api_token ${rule}`);
  expect(stderr).toContain(
    'line 14, column 47: accounts[0].config.extra.list[1].inner.apiToken is a secret, judging by its name',
  );
  expect(stderr).not.toMatch(/in-the-clear|83402934875|another-secret|a-third-secret/);
  expect((await cli('profiles', 'list', '--json')).stdout).toBe('[]\n');
});

test('text that is neither YAML nor JSON is rejected with line and column, without quoting it', async () => {
  const { with: use } = await documentHome();
  const { code, stderr } = await use('plan', 'version: 1\nsettings: {a-secret: "b\n');
  expect(code).toBe(2);
  expect(stderr).toMatch(/Missing closing "quote at line 3, column 1\./);
  expect(stderr).not.toContain('a-secret');
  for (const [text, why] of [
    ['a: 1\na: 2', 'Map keys must be unique at line 2, column 1.'],
    ['a:\n  b: 1\n c: 2', 'All mapping items must start at the same column at line 3, column 1.'],
    ['a: 1\n---\nb: 2', 'Source contains multiple documents at line 2, column 1.'],
    [
      'accounts:\n- config: {__proto__: {}}',
      'The key __proto__ is not allowed at line 2, column 12.',
    ],
  ] as const) {
    expect(refusal(text)).toBe(why);
  }
});

test.each([
  ['a: !hidden', 'Unresolved tag'],
  ['a: !!hidden', 'Unresolved tag'],
  ['a: !<hidden', 'Unresolved tag'],
  ['a: !hidden! x', 'Unresolved tag'],
  ['%hidden\n---\na: 1', 'Invalid directive'],
  ['%YAML hidden\n---\na: 1', 'Invalid directive'],
  ['%TAG hidden\n---\na: 1', 'Invalid directive'],
  ['a: "\\hidden"', 'Invalid escape sequence'],
  ['a: |hidden', 'Block scalar header includes extra characters'],
  ['a: @hidden', 'Plain value cannot start with reserved character @'],
  ['a: "x" hidden', 'Unexpected scalar at node end'],
  ['a: *hidden x', 'Unexpected scalar at node end'],
  ['a: 1\n...\nhidden', 'Source contains multiple documents'],
  ['a: }hidden', 'Unexpected flow-map-end token'],
  ['{a: 1}hidden', 'Unexpected'],
  ['a:\n\thidden: 1', 'Tabs are not allowed as indentation'],
])('the error for %j does not quote it', (text, what) => {
  const reason = refusal(text);
  expect(reason).toContain(what);
  expect(reason).toMatch(/ at line \d+, column \d+\.$/);
  expect(reason).not.toContain('hidden');
});

test('names every issue by line, column and path', () => {
  const account = ['accounts:', '  - channel: email', '    account_key: a'];
  const page = ['accounts:', '  - channel: messenger', '    account_key: fb-1'];
  const number = ['accounts:', '  - channel: whatsapp'];
  const menu = ['menus:', '  messenger/fb-1:', '    get_started: G', '    persistent_menu:'];
  const cases: [lines: string[], issue: string][] = [
    [['settings:', '  colour: red'], 'line 3, column 11: settings.colour is not a known key'],
    [
      ['settings:', '  graph_version: 26'],
      'line 3, column 18: settings.graph_version is not a string',
    ],
    [
      ['settings:', '  role: king'],
      'line 3, column 9: settings.role is invalid: it must be one of',
    ],
    [['settings:', '  webhook_base_url: http://a.example'], 'settings.webhook_base_url'],
    [['accounts: {}'], 'line 2, column 11: accounts is not a list'],
    [
      ['accounts:', '  - account_key: a'],
      'line 3, column 5: accounts[0].channel is not one of whatsapp',
    ],
    [['accounts:', '  - channel: email'], 'line 3, column 5: accounts[0].account_key is missing'],
    [['accounts:', '  - channel: fax', '    account_key: a'], 'accounts[0].channel is not one of'],
    [[...account, '    colour: red'], 'line 5, column 13: accounts[0].colour is not a known key'],
    [[...account, '    is_active: maybe'], 'accounts[0].is_active is not true or false'],
    [
      ['accounts:', '  - channel: email', '    account_key: a/b'],
      'line 4, column 18: accounts[0].account_key',
    ],
    [[...account, ...account.slice(1)], 'line 5, column 5: accounts[1] is a duplicate of email/a'],
    [
      [...account, '    config: { imap_port: 0 }'],
      'line 5, column 26: accounts[0].config.imap_port',
    ],
    [[...account, '    config: { "a\\tb": 1 }'], 'is invalid: a key must not be empty'],
    [
      [...account, '    config: { x: { token: t } }'],
      'accounts[0].config.x.token is a secret, judging by its name',
    ],
    [[...account, '    config: { address: { env: A } }'], 'accounts[0].config.address'],
    [[...page, '    config: { page_id: a/b }'], 'accounts[0].config.page_id'],
    [
      [...number, '    account_key: wa-2', '    config: { phone_number_id: 1 }'],
      'accounts[0].account_key must be "wa-" followed by the phone_number_id',
    ],
    [[...number, '    account_key: mine'], 'accounts[0].account_key must be "wa-"'],
    [
      ['menus:', '  email/a: {}'],
      'line 3, column 12: menus.email/a is supported only for Messenger accounts',
    ],
    [[...menu, '      - locale: en_US'], 'has no entry for the locale "default"'],
    [
      [
        ...menu,
        '      - locale: default',
        '        call_to_actions: [{ type: postback, title: T }]',
      ],
      'line 7, column 27: menus.messenger/fb-1.persistent_menu[0].call_to_actions[0].payload is missing',
    ],
    [['menus:', '  messenger/fb-1: { get_started: [] }'], 'is neither a payload nor {payload: …}'],
    [
      ['subscriptions:', '  email/a: {}'],
      'subscriptions.email/a is supported only for WhatsApp, Messenger and Instagram accounts',
    ],
    [
      ['subscriptions:', '  messenger/fb-1: { override: true }'],
      'subscriptions.messenger/fb-1.override is supported only for WhatsApp accounts',
    ],
    [
      ['subscriptions:', '  whatsapp/wa-1: { subscribed_fields: [a] }'],
      'subscribed_fields is supported only for Messenger and Instagram accounts',
    ],
    [
      ['subscriptions:', '  messenger/fb-1: { subscribed_fields: [] }'],
      'subscribed_fields is empty',
    ],
  ];
  for (const [lines, issue] of cases) expect(issueIn(...lines)).toContain(issue);
});

test('a channel has at most one default', () => {
  const mailbox = (key: string) => `  - { channel: email, account_key: ${key}, is_default: true }`;
  expect(issueIn('accounts:', mailbox('a'), mailbox('b'))).toContain(
    'line 4, column 51: accounts[1].is_default cannot be true, because email already has',
  );
});

test('an unsupported version, a missing version and text that is not a document are rejected', () => {
  expect(refusal('version: 2')).toBe(
    'line 1, column 10: version is not 1, the only supported version.',
  );
  expect(refusal('settings: {}')).toContain('version is missing');
  for (const text of ['', '5', '[]', 'text', 'null']) {
    expect(refusal(text)).toBe('line 1, column 1: the document is not an object.');
  }
});

test('IDs and secrets keep their digits, and malicious nesting, aliases and values are rejected', () => {
  const { document } = parseDocumentText(
    'version: 1\naccounts:\n  - channel: messenger\n    account_key: fb-1\n    config: { page_id: 10451731000000000001 }',
    'channels.yaml',
  );
  expect(document.accounts?.[0]?.config).toEqual({ page_id: '10451731000000000001' });
  expect(issueIn('accounts: &a [*a]')).toContain('nested more than 60 levels deep at line 2');
  expect(issueIn('accounts: *nowhere')).toContain('An alias has no preceding anchor at line 2');
  const bombs = Array.from(
    { length: 9 },
    (_, i) => `x${i + 1}: &x${i + 1} [${`*x${i},`.repeat(9)}]`,
  );
  expect(issueIn('x0: &x0 [a, a, a]', ...bombs)).toContain('Aliases expand to too many values');
  expect(refusal('['.repeat(5000))).toContain('at line 1');
  expect(refusal('{"version": 1, "a": .inf}')).toContain('Infinity and NaN are not allowed');
  expect(refusal('version: 1\n---\nversion: 1')).toContain(
    'Source contains multiple documents at line 2',
  );
  expect(issueIn('__proto__: { a: 1 }')).toContain('__proto__ is not allowed');
});

test('anchors and aliases are resolved', () => {
  const { document } = parseDocumentText(
    `version: 1
accounts:
  - { channel: email, account_key: a, config: &server { address: a@example.com, imap_port: 993 } }
  - { channel: email, account_key: b, config: *server }`,
    'channels.yaml',
  );
  expect(document.accounts?.[1]?.config).toEqual({ address: 'a@example.com', imap_port: 993 });
});

test('issues that depend on the state are rejected with their position, and nothing changes', async () => {
  const { with: use, cli } = await documentHome();
  const { code, stderr } = await use(
    'apply',
    `version: 1
settings: { graph_version: v25.0 }
accounts:
  - channel: email
    account_key: a
  - channel: whatsapp
    account_key: wa-1
    config: { phone_number_id: 1, waba_id: 2, access_token: { file: /dev/null } }
menus:
  messenger/fb-1: { get_started: G }
subscriptions:
  whatsapp/wa-1: { override: true }
`,
    '--yes',
  );
  expect(code).toBe(2);
  expect(stderr).toContain('line 4, column 5: accounts[0].config.address is missing');
  expect(stderr).toContain('menus.messenger/fb-1 refers to an account that does not exist');
  expect(stderr).toContain(
    'subscriptions.whatsapp/wa-1.override requires webhook_base_url to be set',
  );
  expect((await cli('profiles', 'list', '--json')).stdout).toBe('[]\n');
});

test('two numbers of a WABA cannot both override its webhook URL', async () => {
  const { with: use } = await documentHome();
  const number = (id: string) =>
    `  - { channel: whatsapp, account_key: wa-${id}, config: { phone_number_id: ${id}, waba_id: 9, access_token: { command: [echo, t] } } }`;
  const { code, stderr } = await use(
    'plan',
    `version: 1
settings: { webhook_base_url: "https://desk.example.com" }
accounts:
${number('1')}
${number('2')}
subscriptions:
  whatsapp/wa-1: { override: true }
  whatsapp/wa-2: { override: true }
`,
  );
  expect(code).toBe(2);
  expect(stderr).toContain(
    'line 8, column 30: subscriptions.whatsapp/wa-2.override cannot be true',
  );
});
