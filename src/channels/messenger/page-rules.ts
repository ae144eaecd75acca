/** The webhook fields of a Page that a customer-service desk listens to. */
export const PAGE_FIELDS = [
  'messages',
  'messaging_postbacks',
  'messaging_optins',
  'messaging_referrals',
  'message_deliveries',
  'message_reads',
  'message_echoes',
  'messaging_handovers',
] as const;

/** What channelctl needs of a Page's token: for the menu, and for the webhooks. */
export const PAGE_PERMISSIONS = ['pages_messaging', 'pages_manage_metadata'] as const;
