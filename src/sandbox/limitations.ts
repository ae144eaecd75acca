/** What the sandbox does not imitate, for its help: what passes here may still meet these at Meta. */
export const LIMITATIONS: readonly string[] = [
  'App review, access levels and the roles of people on an app in development mode',
  'Business verification, two-factor authentication and policy blocks',
  'Rate limits, save for the ten Messenger profile calls of a Page in ten minutes, the ten register calls of a number in 72 hours and too many wrong PINs',
  'Differences between Graph versions: every well-formed version gets the same answers',
  'Revoking: tokens end only by expiring, codes only by being used or expiring',
  'Batch requests, multipart bodies, field expansion, and fields that channelctl never asks for',
  'Sending webhooks: a subscription is remembered, nothing is delivered; the handshake goes to addresses on this machine only',
  'Who owns a WABA, a number or an Instagram profile: everybody who signs in may choose any of the seed',
];
