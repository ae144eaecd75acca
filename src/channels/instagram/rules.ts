/** What answering the messages of an Instagram profile needs of its owner. */
export const INSTAGRAM_PERMISSIONS = [
  'instagram_business_basic',
  'instagram_business_manage_messages',
] as const;

/** The webhook fields that a customer-service desk listens to. */
export const INSTAGRAM_FIELDS = [
  'messages',
  'messaging_postbacks',
  'messaging_seen',
  'message_reactions',
  'messaging_referral',
  'comments',
] as const;
