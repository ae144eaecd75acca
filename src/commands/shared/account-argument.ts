import { WEBHOOK_CHANNEL_LABELS } from '../../channels/index.ts';

/** The ways to name an account. */
export const ACCOUNT_NAMES = 'id, beginning of the id, channel/account_key, or account_key';

export const ACCOUNT_ARGUMENT = { '<account>': ACCOUNT_NAMES } as const;

export const OPTIONAL_ACCOUNT_ARGUMENT = { '[account]': ACCOUNT_NAMES } as const;

export const WHATSAPP_ACCOUNT_ARGUMENT = { '<account>': 'a WhatsApp account' } as const;

export const MESSENGER_ACCOUNT_ARGUMENT = { '<account>': 'a Messenger account' } as const;

export const META_ACCOUNT_ARGUMENT = {
  '<account>': `a ${WEBHOOK_CHANNEL_LABELS} account`,
} as const;
