import type { Json } from '../shared/json.ts';

/** Whom a sample delivery is for. */
export interface Recipient {
  channel: string;
  config: Readonly<Record<string, Json>>;
}

const TEXT = 'A test by channelctl: no customer wrote this.';

/**
 * A delivery as Meta would send it when a customer writes, marked as a test: invented sender, an
 * id that says so. Shapes by Meta's webhook references.
 *
 * @param now milliseconds since the epoch
 */
export function deliveryFixture({ channel, config }: Recipient, now: number): string {
  if (channel === 'whatsapp') return JSON.stringify(whatsappMessage(config, now));
  if (channel === 'messenger') return JSON.stringify(message('page', config.page_id, now));
  return JSON.stringify(message('instagram', config.ig_user_id, now));
}

function whatsappMessage(config: Recipient['config'], now: number): Json {
  const from = '15550100000';
  const sample = {
    from,
    id: `wamid.channelctl-test-${now}`,
    timestamp: String(Math.floor(now / 1000)),
    type: 'text',
    text: { body: TEXT },
  };
  const value = {
    messaging_product: 'whatsapp',
    metadata: { display_phone_number: '', phone_number_id: String(config.phone_number_id) },
    contacts: [{ profile: { name: 'channelctl test' }, wa_id: from }],
    messages: [sample],
  };
  return {
    object: 'whatsapp_business_account',
    entry: [{ id: String(config.waba_id), changes: [{ field: 'messages', value }] }],
  };
}

function message(object: 'page' | 'instagram', account: Json | undefined, now: number): Json {
  const id = String(account);
  const messaging = {
    sender: { id: '1000000000000000' },
    recipient: { id },
    timestamp: now,
    message: { mid: `channelctl-test-${now}`, text: TEXT },
  };
  return { object, entry: [{ id, time: now, messaging: [messaging] }] };
}
