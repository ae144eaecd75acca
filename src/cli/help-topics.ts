import { type ErrorKind, EXIT_CODES } from '../shared/errors.ts';
import { META_URL_VARIABLES } from '../shared/url.ts';
import type { Topic } from './registry.ts';
import { joinLines } from './wrap-help.ts';

const MEANINGS: Readonly<Record<ErrorKind, string>> = {
  internal: 'unexpected error; please report it',
  usage: 'incorrect usage or invalid input; nothing was changed',
  not_found: 'no such account, profile or Page',
  not_allowed:
    'the role is insufficient, a sign-in was refused, an access token has expired, was revoked or lacks a permission, or a stored secret is missing',
  graph: 'Meta refused the request or is unreachable, a sign-in timed out, or some items failed',
  unhealthy: 'a check found a problem, or a plan found changes',
  conflict:
    'the account key already exists, the state has been locked by another process for over 10 seconds, or the port is in use',
  storage:
    'the state or the secrets cannot be used: corrupt file, read-only folder, wrong passphrase, keychain missing or locked, server of shared state unreachable, or a secret that the state file assigns to another account or server',
  cancelled: 'interrupted, or cancelled at a prompt',
};

function exitCodes(): string {
  const rows = Object.entries(MEANINGS).map(([kind, meaning]): [string, string] => {
    const code = Object.entries(EXIT_CODES).find(([name]) => name === kind)?.[1];
    return [`${code}`.padEnd(5) + kind, meaning];
  });
  return `Exit codes

${entries([['0', 'success'], ...rows], 20)}

The second column is the error's kind. With --json, an error is the last line of stderr:
{"error":{"kind","message","hint","graph"}}. If a check finds a problem (6), or some items fail
(5), the result is on stdout and there is no error object.

Examples:
  # Save the result if an account is unhealthy; stop on any other error
  channelctl accounts check --all --json > health.json || test $? -eq 6
  # Show the kind of an error
  channelctl accounts get fb-81 --json 2>&1 >/dev/null | tail -n 1
`;
}

const ENVIRONMENT = `Environment

A flag overrides a variable, and a variable overrides a setting of the profile. Show the effective
values and their sources with: channelctl config list

${entries([
  [
    'CHANNELCTL_CONFIG_DIR',
    "folder for the state (default: the platform's configuration folder); set it in containers without a home folder",
  ],
  ['CHANNELCTL_PROFILE', 'profile to use (default: "default"); profiles share no data'],
  ['CHANNELCTL_ROLE', "admin, supervisor or agent; can only restrict the profile's role"],
  [
    'CHANNELCTL_STATE',
    'local, or the address of shared state: postgres://… or s3://…; overrides the setting state',
  ],
  ['CHANNELCTL_SECRETS', 'secret store: keychain (default), file or env; see help secrets'],
  [
    'CHANNELCTL_PASSPHRASE',
    'passphrase for the encrypted secrets file, or a key from secrets generate-key; if none of these three variables is set, channelctl uses the passphrase that secrets remember has stored, or asks for it in a terminal',
  ],
  ['CHANNELCTL_PASSPHRASE_FILE', 'file that contains the passphrase'],
  [
    'CHANNELCTL_PASSPHRASE_COMMAND',
    'command that prints the passphrase; only one of these three variables can be set; see help secrets',
  ],
  [
    'CHANNELCTL_NEW_PASSPHRASE',
    'new passphrase for secrets passphrase; CHANNELCTL_NEW_PASSPHRASE_FILE is the path of a file that contains it',
  ],
  ['CHANNELCTL_SECRET_…', 'value of a secret; overrides the secret store; see help secrets'],
  ['CHANNELCTL_GRAPH_VERSION', 'Graph API version; overrides graph_version (default: v26.0)'],
  ['CHANNELCTL_WEBHOOK_BASE_URL', 'overrides the setting webhook_base_url'],
  ['CHANNELCTL_REDIRECT_URI', 'overrides the setting redirect_uri'],
  ['HTTPS_PROXY, HTTP_PROXY', 'proxy for requests, as in curl; NO_PROXY lists exceptions'],
  ['NODE_EXTRA_CA_CERTS', 'file with additional CA certificates'],
  ['CI', 'if set, channelctl never prompts'],
  ['NO_COLOR, FORCE_COLOR', 'never or always use colours'],
])}

These variables replace the URLs of Meta's servers; the sandbox prints them. Plain HTTP is accepted
for loopback hosts only.

${META_URL_VARIABLES.map((name) => `  ${name}`).join('\n')}

Examples:
  # Show the effective settings and their sources
  channelctl config list
  # Use another profile for one command
  CHANNELCTL_PROFILE=trial channelctl accounts list
`;

const OUTPUT = `Output

Only the result goes to stdout. Prompts, progress, warnings and errors go to stderr.

${entries(
  [
    ['-o table', 'human-readable table (default)'],
    ['-o json, --json', 'an object, or an array for a list ([] if it is empty)'],
    ['-o ndjson', 'one JSON object per line'],
    ['-o yaml', 'the same data as JSON, in YAML'],
    ['-o tsv', 'a header line, then one line per item; nested values are JSON'],
    [
      '--fields a,b.c',
      'show only these fields; use dots for nested fields. An unknown field causes an error that lists the valid fields',
    ],
    ['-q, --quiet', 'hide progress, hints and warnings'],
    ['--debug', 'log HTTP requests and responses to stderr, without secrets'],
    ['--no-color', 'disable colours, as NO_COLOR does'],
  ],
  18,
)}

Change the default format with: channelctl config set output json

Times are ISO 8601 in UTC, IDs are strings, and keys are snake_case. Every key is present; unknown
values are null.

With json and ndjson, each warning is one line on stderr, {"warning":{"message","hint"}}. An error is
the last line, {"error":{"kind","message","hint","graph"}}. graph is Meta's error or null: {status,
code, subcode, type, message, details, user_title, user_message, fbtrace_id, is_transient}.

Examples:
  # Print all account keys, one per line
  channelctl accounts list -o tsv --fields account_key
  # Print a nested field
  channelctl accounts list --json --fields account_key,config.page_id
`;

const SECRETS = `Secrets

CHANNELCTL_SECRETS, or the setting secrets, selects the secret store. channelctl never falls back
to another one.

${entries(
  [
    [
      'keychain',
      "the operating system's keychain (default): Secret Service on Linux, Keychain on macOS, Credential Manager on Windows",
    ],
    ['file', 'a file next to the state, encrypted with a passphrase'],
    ['env', 'no store: secrets are read only from environment variables'],
  ],
  12,
)}

The passphrase is in CHANNELCTL_PASSPHRASE, in the file CHANNELCTL_PASSPHRASE_FILE, or printed by the
command CHANNELCTL_PASSPHRASE_COMMAND; otherwise, it is read from this machine's keychain, where
secrets remember stores it and secrets forget deletes it, or typed in a terminal. The command runs
without a shell: words are separated by blanks, and quotes group characters. It must print one line
within 30 seconds (two minutes in a terminal, in which it can ask for a password).

Move all secrets to another store with: channelctl secrets move --to <store>. Change the passphrase
of the file with: channelctl secrets passphrase. A lost passphrase cannot be recovered: move the file
aside and store the secrets again. To find the commands, run: channelctl doctor

In CI, use a generated key instead of a passphrase. It cannot be guessed, and commands start sooner:
channelctl secrets generate-key

A variable overrides a stored secret:

${entries(
  [
    ['CHANNELCTL_SECRET_<CHANNEL>_<FIELD>', 'secret of an integration'],
    ['CHANNELCTL_SECRET_<CHANNEL>_<ACCOUNT_KEY>_<FIELD>', 'secret of an account'],
  ],
  50,
)}

Names are in upper case, with _ for every character that is not a letter or digit. For example, the
access token of the account wa-1065 is CHANNELCTL_SECRET_WHATSAPP_WA_1065_ACCESS_TOKEN.

Pass secrets as --config key=@file, --config key=- (from stdin) or --config key=env:NAME. With
--config key=value, other users of the machine can see the secret in the process list.

A stored secret is bound to its account, its key and, for a mailbox, its servers. If the state file
was changed so that it would be sent elsewhere, commands that need it exit with code 8, and
channelctl doctor shows the command that confirms the change.

A key is a secret if its last word is secret, token, password, passphrase or pin, or if it ends in
private_key or api_key. Secrets are masked as ********; if a secret has at least 12 characters, its
last four are also shown. Show secrets in full with --reveal (requires the admin role).

Examples:
  # Show all secrets, their stores and their variables
  channelctl secrets list
  # Read a secret from a file
  channelctl integrations set messenger --config app_id=1234 --config app_secret=@secret.txt
  # Read a secret from a variable and store it in the encrypted file
  CHANNELCTL_SECRETS=file channelctl integrations set messenger --config app_secret=env:APP_SECRET
`;

const TEXTS: Readonly<Record<Topic, () => string>> = {
  'exit-codes': exitCodes,
  environment: () => ENVIRONMENT,
  output: () => OUTPUT,
  secrets: () => SECRETS,
};

export function topicText(topic: Topic): string {
  return joinLines(TEXTS[topic]());
}

function entries(list: readonly (readonly [term: string, about: string])[], width = 28): string {
  return list.map(([term, about]) => `  ${term.padEnd(width)}  ${about}`).join('\n');
}
