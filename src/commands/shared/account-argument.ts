import { WEBHOOK_CHANNEL_LABELS } from '../../channels/index.ts';

export const ACCOUNT_NAMES = 'ID, ID prefix, channel/account_key, or account_key';

export const ACCOUNT_ARGUMENT = { '<account>': ACCOUNT_NAMES } as const;

export const OPTIONAL_ACCOUNT_ARGUMENT = { '[account]': ACCOUNT_NAMES } as const;

export const WHATSAPP_ACCOUNT_ARGUMENT = {
  '<account>': 'WhatsApp account (ID, ID prefix, or account_key)',
} as const;

export const MESSENGER_ACCOUNT_ARGUMENT = {
  '<account>': 'Messenger account (ID, ID prefix, or account_key)',
} as const;

export const META_ACCOUNT_ARGUMENT = {
  '<account>': `${WEBHOOK_CHANNEL_LABELS} account`,
} as const;
