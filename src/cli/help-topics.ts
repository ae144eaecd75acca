import { type ErrorKind, EXIT_CODES } from '../shared/errors.ts';
import type { Topic } from './registry.ts';

const MEANINGS: Readonly<Record<ErrorKind, string>> = {
  internal: 'an unexpected fault of the program',
  usage: 'usage or invalid input; nothing was changed',
  not_found: 'no such account, profile or Page',
  not_allowed:
    'the role; a sign-in that was refused; an expired or revoked token, or\none that lacks a permission; a stored secret that is gone',
  graph:
    'Meta refused or could not be reached; nobody answered a sign-in in\ntime; some of several items failed',
  unhealthy: 'a check found a problem, or a plan a difference',
  conflict:
    "the key exists already; the state is locked by another process for\nover 10 seconds; the listener's port is taken",
  storage:
    "the state or the secrets can't be used: a broken file, a read-only\nfolder, a wrong passphrase, no keychain or a locked one",
  cancelled: 'interrupted, or a prompt was cancelled',
};

function exitCodes(): string {
  const rows = Object.entries(MEANINGS).map(([kind, meaning]) => {
    const code = Object.entries(EXIT_CODES).find(([name]) => name === kind)?.[1];
    return row(`${code}`.padEnd(5) + kind, 20, meaning);
  });
  return `Exit codes

${row('0', 20, 'done')}
${rows.join('\n')}

The second column is error.kind of the error object that --json puts on the last
line of stderr. Where the result stands and not all is well (5 for some of several
items, 6), it is on stdout and no error object follows.

Examples:
  # Keep the result where an account is unhealthy, and stop at any other failure
  channelctl accounts check --all --json > health.json || test $? -eq 6
  # Tell the kind of a failure
  channelctl accounts get fb-81 --json 2>&1 >/dev/null | tail -n 1
`;
}

const ENVIRONMENT = `Environment

A flag beats a variable, a variable beats the profile (config list shows what is in
force and why).

${rows([
  [
    'CHANNELCTL_CONFIG_DIR',
    "folder of the state; default: the platform's config\nfolder. It is all that a container needs",
  ],
  ['CHANNELCTL_PROFILE', 'profile; default: default. Profiles share nothing'],
  ['CHANNELCTL_ROLE', "admin, supervisor or agent; may only narrow the\nprofile's role"],
  ['CHANNELCTL_SECRETS', 'keychain (default), file or env: see help secrets'],
  ['CHANNELCTL_PASSPHRASE', 'passphrase of the encrypted file'],
  ['CHANNELCTL_SECRET_…', 'a secret, whatever the store: see help secrets'],
  ['CHANNELCTL_GRAPH_VERSION', 'beats the setting graph_version; default v26.0'],
  ['CHANNELCTL_WEBHOOK_BASE_URL', 'beats the setting webhook_base_url'],
  ['CHANNELCTL_REDIRECT_URI', 'beats the setting redirect_uri'],
  [
    'HTTPS_PROXY, HTTP_PROXY',
    'proxy, as curl understands it; NO_PROXY names hosts\nthat are reached without it',
  ],
  ['NODE_EXTRA_CA_CERTS', 'file of further CA certificates'],
  ['CI, NO_COLOR, FORCE_COLOR', 'in CI nothing is asked; no colours; colours always'],
])}

Addresses of Meta's servers, which the sandbox sets:
  CHANNELCTL_GRAPH_URL            CHANNELCTL_FACEBOOK_URL
  CHANNELCTL_INSTAGRAM_URL        CHANNELCTL_INSTAGRAM_API_URL
  CHANNELCTL_INSTAGRAM_GRAPH_URL  CHANNELCTL_FACEBOOK_SDK_URL
An http: address is accepted for a loopback host only.

Examples:
  # What is in force, and where it comes from
  channelctl config list
  # A profile of its own for one command
  CHANNELCTL_PROFILE=trial channelctl accounts list
`;

const OUTPUT = `Output

stdout carries the result and nothing else; prompts, progress, warnings and errors
go to stderr.

${rows(
  [
    ['-o table', 'for people; the default'],
    ['-o json, --json', 'an object, or an array for a list: [] where it is empty'],
    ['-o ndjson', 'an item a line'],
    ['-o yaml', 'the same as JSON, in YAML'],
    ['-o tsv', 'a heading, then an item a line; nested values as JSON'],
    [
      '--fields a,b.c',
      'only these fields; a dot goes into one. An unknown one is an\nerror that lists those there are',
    ],
    ['-q, --quiet', 'no progress, notes or warnings'],
    ['--debug', 'each HTTP exchange on stderr, without secrets'],
    ['--no-color', 'no colours, as with NO_COLOR'],
  ],
  18,
)}

The setting output changes the default: config set output json. Times are ISO 8601
in UTC, ids are strings, keys are snake_case and always there: null where unknown.
With json and ndjson a warning is {"warning":{"message","hint"}}, a line of stderr,
and an error {"error":{"kind","message","hint","graph"}}, its last line. graph is what
Meta said: {status, code, subcode, type, message, user_title, user_message,
fbtrace_id, is_transient}, or null.

Examples:
  # The keys of all accounts, a line each
  channelctl accounts list -o tsv --fields account_key
  # Something inside the configuration
  channelctl accounts list --json --fields account_key,config.page_id
`;

const SECRETS = `Secrets

CHANNELCTL_SECRETS, or the setting secrets, says where secrets are kept. There is
never a silent change from one place to another.

${rows(
  [
    [
      'keychain',
      'the keychain of the system: Secret Service on Linux, Keychain on\nmacOS, Credential Manager on Windows. The default',
    ],
    ['file', 'a file beside the state, encrypted with CHANNELCTL_PASSPHRASE'],
    ['env', 'nowhere: only variables are read, and storing is refused'],
  ],
  12,
)}

A variable beats what is stored, wherever that is:
  CHANNELCTL_SECRET_<CHANNEL>_<FIELD>                of an integration
  CHANNELCTL_SECRET_<CHANNEL>_<ACCOUNT_KEY>_<FIELD>  of an account
in upper case, every other character than a letter or digit as _. The access token
of the account wa-1065 is CHANNELCTL_SECRET_WHATSAPP_WA_1065_ACCESS_TOKEN.

Give a secret so that nobody sees it: --config key=@file, key=- (stdin) or
key=env:NAME. As key=value it works, and other users of the machine can read it.

A secret is a key whose last word is secret, token, password, passphrase or pin, or
that ends in private_key or api_key. It is shown as ********, with its last four
characters where it has 12 or more; --reveal (admin) shows it.

Examples:
  # From a file
  channelctl integrations set messenger --config app_id=1234 --config app_secret=@secret.txt
  # From a variable, into the encrypted file
  CHANNELCTL_SECRETS=file channelctl integrations set messenger --config app_secret=env:APP_SECRET
`;

const TEXTS: Readonly<Record<Topic, () => string>> = {
  'exit-codes': exitCodes,
  environment: () => ENVIRONMENT,
  output: () => OUTPUT,
  secrets: () => SECRETS,
};

export function topicText(topic: Topic): string {
  return TEXTS[topic]();
}

function rows(entries: readonly (readonly [string, string])[], width = 30): string {
  return entries.map(([name, about]) => row(name, width, about)).join('\n');
}

/** Two columns; further lines of the second are aligned with its first. */
function row(name: string, width: number, about: string): string {
  const lines = about.split('\n').join(`\n${' '.repeat(width + 2)}`);
  return `  ${name.padEnd(width)}${lines}`;
}
