import { createDecipheriv, createHash, scryptSync } from 'node:crypto';

// The format of 0.1.0, described independently of the program's code, so that a change of the
// format cannot also change its test. The order of keys is not checked, because in 0.1.0 it depends
// on the command.

const STATE_KEYS = ['version', 'settings', 'integrations', 'accounts'];
/** 0.1.0 ignores and keeps `revision`, which later versions write. */
const OPTIONAL_STATE_KEYS = ['pending', 'revision'];
const INTEGRATION_KEYS = [
  ...['id', 'channel', 'is_active', 'config', 'secrets'],
  ...['created_at', 'updated_at', 'division_id'],
];
const ACCOUNT_KEYS = [
  ...INTEGRATION_KEYS,
  ...['account_key', 'display_name', 'is_default', 'verify_token'],
];
const PENDING_KEYS = ['channel', 'account_key', 'secrets'];
const SECRET_KEYS = ['store', 'item', 'last4'];
const OPTIONAL_SECRET_KEYS = ['expires_at', 'renewed_from'];
const SETTINGS = [
  ...['webhook_base_url', 'redirect_uri', 'graph_version', 'role', 'secrets', 'output'],
  'division_id',
];
const AUDIT_KEYS = [
  ...['at', 'user', 'host', 'ci', 'command', 'action', 'channel', 'account_id', 'account_key'],
  ...['call', 'changes'],
];
const CHANGE_KEYS = ['field', 'before', 'after'];

type Entry = Record<string, unknown>;

export interface State extends Entry {
  accounts: (Entry & { account_key: string; secrets: Record<string, Secret> })[];
  integrations: (Entry & { channel: string; secrets: Record<string, Secret> })[];
  pending?: (Entry & { secrets: Record<string, Secret> })[];
}

interface Secret extends Entry {
  item: string;
}

export function readState(text: string): State {
  const state: State = JSON.parse(text);
  requireKeys('the state', state, STATE_KEYS, OPTIONAL_STATE_KEYS);
  require('version', state.version === 1);
  requireKeys('settings', state.settings as Entry, [], SETTINGS);
  for (const integration of state.integrations) {
    requireKeys('an integration', integration, INTEGRATION_KEYS);
    requireTypes(integration, ['id', 'channel', 'created_at', 'updated_at']);
  }
  for (const account of state.accounts) {
    requireKeys('an account', account, ACCOUNT_KEYS);
    requireTypes(account, ['id', 'channel', 'account_key', 'created_at', 'updated_at']);
    requireTypes(account, ['verify_token']);
    require('is_default', typeof account.is_default === 'boolean');
  }
  for (const pending of state.pending ?? []) {
    requireKeys('a pending connection', pending, PENDING_KEYS);
  }
  for (const secret of secretsOf(state)) {
    requireKeys('a secret', secret, SECRET_KEYS, OPTIONAL_SECRET_KEYS);
    require('store', secret.store === 'file' || secret.store === 'keychain');
  }
  require('two spaces and a final line break', text === `${JSON.stringify(state, null, 2)}\n`);
  return state;
}

export function secretsOf({ integrations, accounts, pending = [] }: State): Secret[] {
  return [...integrations, ...accounts, ...pending].flatMap(({ secrets }) =>
    Object.values(secrets),
  );
}

/** Returns a state file with the names that 0.1.0 gave to secrets, which this version extends. */
export function withOldNames(text: string): string {
  return text.replace(/(?<="item": "[^"]*\/[0-9a-f]{8})[0-9a-f]{8}(?=")/g, '');
}

export function readSecrets(text: string, passphrase: string): Map<string, string> {
  const file = JSON.parse(text);
  requireKeys('the secrets file', file, [
    ...['version', 'kdf', 'check', 'cipher', 'data', 'checksum'],
  ]);
  const { version, kdf, check, cipher, data, checksum } = file;
  requireKeys('kdf', kdf, ['name', 'N', 'r', 'p', 'salt']);
  requireKeys('cipher', cipher, ['name', 'iv', 'tag']);
  require('algorithms', kdf.name === 'scrypt' && cipher.name === 'aes-256-gcm');
  require('version', version === 1);
  const { N, r, p } = kdf;
  const bytes = (base64: string) => Buffer.from(base64, 'base64');
  const maxmem = 512 * 2 ** 20;
  const derived = scryptSync(passphrase, bytes(kdf.salt), 64, { N, r, p, maxmem });
  require('check', derived.subarray(32).equals(bytes(check)));
  const sealed = JSON.stringify({ version, kdf, check, cipher, data });
  require('checksum', createHash('sha256').update(sealed).digest('hex') === checksum);
  require('two spaces and a final line break', text === `${JSON.stringify(file, null, 2)}\n`);
  const decipher = createDecipheriv('aes-256-gcm', derived.subarray(0, 32), bytes(cipher.iv))
    .setAAD(Buffer.from(JSON.stringify({ version, kdf, check })))
    .setAuthTag(bytes(cipher.tag));
  const plain = Buffer.concat([decipher.update(bytes(data)), decipher.final()]);
  return new Map(JSON.parse(plain.toString('utf8')));
}

export function readAudit(text: string): Entry[] {
  require('a final line break', text.endsWith('\n'));
  return text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const entry: Entry = JSON.parse(line);
      requireKeys('an entry', entry, AUDIT_KEYS);
      for (const change of entry.changes as Entry[]) requireKeys('a change', change, CHANGE_KEYS);
      require('one line without spaces', line === JSON.stringify(entry));
      return entry;
    });
}

function requireKeys(
  what: string,
  value: Entry,
  keys: readonly string[],
  optional: readonly string[] = [],
): void {
  const found = Object.keys(value);
  const missing = keys.filter((key) => !found.includes(key));
  const unknown = found.filter((key) => !keys.includes(key) && !optional.includes(key));
  require(`${what} has other keys: missing ${missing}, unknown ${unknown}`, missing.length +
    unknown.length ===
    0);
}

function requireTypes(value: Entry, keys: readonly string[]): void {
  for (const key of keys) require(`${key} is a string`, typeof value[key] === 'string');
}

function require(what: string, holds: boolean): void {
  if (!holds) throw new Error(`not the format of 0.1.0: ${what}`);
}
