import { accountName } from '../accounts/accounts.ts';
import type { StoredAccount } from '../profile/types.ts';
import { usageError } from '../shared/errors.ts';
import { CHANNELS, channelNamed } from './index.ts';
import type { ChannelWebhooks } from './meta/webhooks.ts';

/** The channels whose webhooks Meta sends. */
export const WEBHOOK_CHANNELS: readonly string[] = CHANNELS.filter(
  ({ webhooks }) => webhooks !== undefined,
).map(({ name }) => name);

/** `WhatsApp, Messenger or Instagram`. */
export const WEBHOOK_CHANNEL_LABELS = WEBHOOK_CHANNELS.map((name) => channelNamed(name).label)
  .join(', ')
  .replace(/, (?=[^,]*$)/, ' or ');

/** @throws ChannelctlError `usage` for an account of a channel that has no webhooks */
export function channelWebhooks(account: StoredAccount): ChannelWebhooks {
  const { webhooks, label } = channelNamed(account.channel);
  if (webhooks !== undefined) return webhooks;
  throw usageError(
    `${accountName(account)} has no webhooks.`,
    `It is an account of ${label}, and Meta sends webhooks for ${WEBHOOK_CHANNELS.join(', ')} only.`,
    'Name another account: channelctl accounts list',
  );
}
