import { accountName } from '../accounts/accounts.ts';
import type { KnownKey } from '../accounts/config.ts';
import type { Owner } from '../accounts/secrets.ts';
import type { StoredAccount } from '../profile/types.ts';
import { usageError } from '../shared/errors.ts';
import { isSecretKey, metaValueProblem } from '../shared/secrets.ts';
import type { Channel } from './channel.ts';
import { email } from './email/index.ts';
import { instagram } from './instagram/index.ts';
import { messenger } from './messenger/index.ts';
import type { ChannelWebhooks } from './meta/webhooks.ts';
import { whatsapp } from './whatsapp/index.ts';

export const CHANNELS: readonly Channel[] = [whatsapp, messenger, instagram, email];

export const CHANNEL_NAMES = CHANNELS.map((channel) => channel.name);

/** @throws ChannelctlError `usage`, with a list of the channels, if none has this name */
export function channelNamed(name: string): Channel {
  const channel = CHANNELS.find((candidate) => candidate.name === name);
  if (channel !== undefined) return channel;
  throw usageError(`Unknown channel "${name}".`, {
    misspelt: { word: name, known: CHANNEL_NAMES },
    hint: `Use one of ${CHANNEL_NAMES.join(', ')}.`,
  });
}

export function hasApp({ integrationKeys }: Channel): boolean {
  return integrationKeys.some(({ name }) => name === 'app_id');
}

export function knownSecrets({ channel, account_key }: Owner): readonly string[] {
  const names = KNOWN_SECRETS.get(channel);
  return (account_key === undefined ? names?.integration : names?.account) ?? [];
}

/**
 * Returns why the value of a key is invalid; undefined if it is valid or the channel does not
 * define the key.
 *
 * @param owner the name of the owner: `messenger` or `messenger/fb-1065`
 */
export function knownValueProblem(owner: string, field: string, value: string): string | undefined {
  const [name = '', account] = owner.split('/');
  const channel = channelNamed(name);
  const keys = account === undefined ? checkedIntegrationKeys(channel) : channel.accountKeys;
  return keys.find((key) => key.name === field)?.problem?.(value);
}

export function checkedIntegrationKeys({
  integrationKeys,
  integrationToken,
}: Channel): readonly Pick<KnownKey, 'name' | 'problem'>[] {
  if (integrationToken === undefined) return integrationKeys;
  return [...integrationKeys, { name: integrationToken.field, problem: metaValueProblem }];
}

const KNOWN_SECRETS = new Map(
  CHANNELS.map(({ name, integrationKeys, accountKeys }) => [
    name,
    { integration: secretNames(integrationKeys), account: secretNames(accountKeys) },
  ]),
);

function secretNames(keys: readonly KnownKey[]): string[] {
  return keys.map((key) => key.name).filter(isSecretKey);
}

export const WEBHOOK_CHANNELS: readonly string[] = CHANNELS.filter(
  ({ webhooks }) => webhooks !== undefined,
).map(({ name }) => name);

export const WEBHOOK_CHANNEL_LABELS = WEBHOOK_CHANNELS.map((name) => channelNamed(name).label)
  .join(', ')
  .replace(/, (?=[^,]*$)/, ' or ');

/** @throws ChannelctlError `usage` for an account of a channel that has no webhooks */
export function channelWebhooks(account: StoredAccount): ChannelWebhooks {
  const { webhooks } = channelNamed(account.channel);
  if (webhooks !== undefined) return webhooks;
  throw usageError(`${accountName(account)} has no webhooks.`, {
    reason: 'Meta sends webhooks only for its own channels.',
    hint: `Choose a ${WEBHOOK_CHANNEL_LABELS} account: channelctl accounts list`,
  });
}
