/**
 * The webhook fields of each object. Sources: Meta's webhook references and the specifications of
 * Meta's Business SDK.
 */
const WHATSAPP_WEBHOOK_FIELDS = [
  ...['messages', 'message_echoes', 'smb_message_echoes', 'smb_app_state_sync', 'history'],
  ...['calls', 'standby', 'messaging_handovers', 'consumer_profile', 'user_preferences'],
  ...['account_update', 'account_alerts', 'account_review_update', 'account_settings_update'],
  ...['business_capability_update', 'business_status_update', 'user_id_update'],
  ...['phone_number_name_update', 'phone_number_quality_update', 'security', 'flows'],
  ...['message_template_status_update', 'message_template_quality_update'],
  ...['message_template_components_update', 'template_category_update'],
  ...['template_correct_category_detection', 'payment_configuration_update'],
  ...['partner_solutions', 'tracking_events', 'automatic_events'],
  ...['group_lifecycle_update', 'group_participants_update', 'group_settings_update'],
  ...['group_status_update'],
];

export const PAGE_WEBHOOK_FIELDS = [
  ...['messages', 'messaging_postbacks', 'messaging_optins', 'messaging_referrals'],
  ...['message_deliveries', 'message_reads', 'message_echoes', 'messaging_handovers', 'standby'],
  ...['message_reactions', 'message_edits', 'message_context', 'message_mention'],
  ...['messaging_account_linking', 'messaging_customer_information', 'messaging_feedback'],
  ...['messaging_integrity', 'messaging_optouts', 'messaging_policy_enforcement'],
  ...['messaging_in_thread_lead_form_submit', 'response_feedback', 'inbox_labels', 'calls'],
  ...['feed', 'mention', 'name', 'picture', 'category', 'description', 'ratings', 'leadgen'],
];

const INSTAGRAM_WEBHOOK_FIELDS = [
  ...['messages', 'messaging_postbacks', 'messaging_seen', 'message_reactions', 'message_edit'],
  ...['messaging_referral', 'messaging_optins', 'messaging_handover', 'standby'],
  ...['message_echoes', 'comments', 'live_comments', 'mentions', 'story_insights'],
];

export const WEBHOOK_FIELDS: Readonly<Record<string, readonly string[]>> = {
  whatsapp_business_account: WHATSAPP_WEBHOOK_FIELDS,
  page: PAGE_WEBHOOK_FIELDS,
  instagram: INSTAGRAM_WEBHOOK_FIELDS,
};

/**
 * The fields of an account connected with Instagram Login: mentions are part of the comments, and
 * there are no story insights.
 */
export const ACCOUNT_FIELDS = INSTAGRAM_WEBHOOK_FIELDS.filter(
  (field) => !['mentions', 'story_insights'].includes(field),
);
