import type { AnswerOf } from '../../graph/operations/index.ts';
import type { ChannelctlError } from '../../shared/errors.ts';

export type PhoneNumber = AnswerOf<'getPhoneNumber'>;
export type Waba = AnswerOf<'getWaba'>;

/** An app that a WABA's webhooks go to. */
export interface SubscribedApp {
  id: string | null;
  name: string | null;
  link: string | null;
  override_callback_uri: string | null;
}

/** One of the three calls: what it gave, or why it failed. */
export type Part<Value> = { value: Value } | { error: ChannelctlError };

/** What Meta says of a number. */
export interface Findings {
  phone_number: Part<PhoneNumber>;
  waba: Part<Waba>;
  subscribed_apps: Part<SubscribedApp[]>;
}
