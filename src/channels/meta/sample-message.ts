import type { Json } from '../../shared/json.ts';
import type { ChannelWebhooks } from './webhooks.ts';

/** The text of a sample delivery. */
export const SAMPLE_TEXT = 'A test by channelctl: no customer wrote this.';

/** A message to a Page or a profile, as Meta's webhook reference shows it. */
export function sampleMessage(
  object: ChannelWebhooks['object'],
  account: Json | undefined,
  now: number,
): Json {
  const id = String(account);
  const messaging = {
    sender: { id: '1000000000000000' },
    recipient: { id },
    timestamp: now,
    message: { mid: `channelctl-test-${now}`, text: SAMPLE_TEXT },
  };
  return { object, entry: [{ id, time: now, messaging: [messaging] }] };
}
