import type { accountView } from '../../accounts/account-view.ts';
import { accountName } from '../../accounts/accounts.ts';
import type { Channel, ConnectStepName } from '../../channels/channel.ts';
import type { ConnectedAccount } from '../../channels/connect.ts';
import type { StoredAccount } from '../../profile/types.ts';
import type { SecretStoreName } from '../../shared/secrets.ts';
import { stripControlCharacters } from '../../shared/text.ts';

interface Creation {
  channel: Channel;
  stored: StoredAccount;
  data: ReturnType<typeof accountView>;
  connected: ConnectedAccount;
  steps: ReadonlySet<ConnectStepName>;
  secretStore: SecretStoreName;
}

const LABEL_WIDTH = 14;

const STEPS: Readonly<Record<ConnectStepName, string>> = {
  register: 'registration of the number (--no-register)',
  subscribe: "subscription to the WABA's webhooks (--no-subscribe)",
};

/** Reports what was done at Meta, what was stored, and what was not checked. */
export function summarizeCreation(creation: Creation): string {
  const { channel, stored, data, connected } = creation;
  const { done, doneBefore } = connected;
  const name = accountName(stored);
  const title = data.display_name === null ? '' : ` (${data.display_name})`;
  const facts: [label: string, text: string][] = [
    ...done.map((step): [string, string] => ['done at Meta', step]),
    ...doneBefore.map((step): [string, string] => ['done before', step]),
    ...notDone(creation).map((step): [string, string] => ['not done', step]),
    ['stored', storedKeys(creation)],
    ...notChecked(creation).map((text): [string, string] => ['not checked', text]),
    ...(stored.is_active ? [] : [['active', 'no'] satisfies [string, string]]),
    ...(stored.is_default
      ? [['default', `yes, for ${channel.label}`] satisfies [string, string]]
      : []),
    ...webhookFacts(creation),
  ];
  return [
    stripControlCharacters(`Created the account ${name}${title}.`),
    '',
    ...facts.map(
      ([label, text]) => `  ${label.padEnd(LABEL_WIDTH)}${stripControlCharacters(text)}`,
    ),
    '',
    `To check it, run: channelctl accounts check ${name}`,
  ].join('\n');
}

function storedKeys({ stored, secretStore }: Creation): string {
  const keys = Object.keys(stored.config);
  const secrets = Object.keys(stored.secrets);
  const where = { keychain: 'the keychain', file: 'the encrypted file', env: 'variables' };
  const listed = secrets.length === 0 ? [] : [`${secrets.join(', ')} (in ${where[secretStore]})`];
  return [...keys, ...listed].join(', ');
}

function hasConnector({ channel: { connector }, steps }: Creation): boolean {
  return connector !== undefined && steps.size > 0;
}

function notDone({ channel, steps }: Creation): string[] {
  if (channel.connector === undefined) return [];
  return (['register', 'subscribe'] as const)
    .filter((step) => !steps.has(step))
    .map((step) => STEPS[step]);
}

function notChecked(creation: Creation): string[] {
  const { channel, stored, data } = creation;
  if (hasConnector(creation)) return [];
  if (channel.token !== undefined) {
    return [
      'whether Meta accepts the IDs and the token',
      ...(channel.webhooks === undefined ? [] : ['whether Meta sends webhooks to the app']),
    ];
  }
  const hasServer = channel.serverKeys?.some((key) => stored.config[key] !== undefined) === true;
  if (!hasServer) return ['the mailbox, because it has no mail servers'];
  const hasPassword = data.config.password !== undefined;
  return [hasPassword ? 'sign-in to the mail servers' : 'sign-in, because there is no password'];
}

function webhookFacts({ channel, data }: Creation): [string, string][] {
  if (channel.webhooks === undefined) return [];
  const missing = 'none; run: channelctl config set webhook_base_url <base URL>';
  return [
    ['webhook URL', data.webhook_url ?? missing],
    ['verify token', data.verify_token],
  ];
}
