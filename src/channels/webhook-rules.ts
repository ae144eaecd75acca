import { accountName } from '../accounts/accounts.ts';
import type { StoredAccount } from '../profile/types.ts';
import { usageError } from '../shared/errors.ts';
import { channelNamed } from './index.ts';
import { INSTAGRAM_FIELDS } from './instagram/rules.ts';
import { PAGE_FIELDS } from './messenger/page-rules.ts';

/** How Meta sends the webhooks of a channel. */
export interface WebhookRules {
  /** What an app-level subscription for them is about. */
  object: 'whatsapp_business_account' | 'page' | 'instagram';
  /** The fields that a customer-service desk listens to. */
  fields: readonly string[];
  /** The secret that speaks for an account. */
  token: 'access_token' | 'page_access_token';
}

const RULES: ReadonlyMap<string, WebhookRules> = new Map([
  [
    'whatsapp',
    { object: 'whatsapp_business_account', fields: ['messages'], token: 'access_token' },
  ],
  ['messenger', { object: 'page', fields: PAGE_FIELDS, token: 'page_access_token' }],
  ['instagram', { object: 'instagram', fields: INSTAGRAM_FIELDS, token: 'access_token' }],
]);

/** The channels whose webhooks Meta sends. */
export const WEBHOOK_CHANNELS: readonly string[] = [...RULES.keys()];

/** @throws ChannelctlError `usage` for an account of a channel that has no webhooks */
export function webhookRules(account: StoredAccount): WebhookRules {
  const rules = RULES.get(account.channel);
  if (rules !== undefined) return rules;
  throw usageError(
    `${accountName(account)} has no webhooks.`,
    `It is an account of ${channelNamed(account.channel).label}, and Meta sends webhooks for ${WEBHOOK_CHANNELS.join(', ')} alone.`,
    'Name another account: channelctl accounts list',
  );
}
