export const NUMBER_FIELDS = [
  ...['id', 'display_phone_number', 'verified_name', 'quality_rating', 'code_verification_status'],
  ...['name_status', 'status', 'platform_type', 'throughput', 'messaging_limit_tier'],
  ...['whatsapp_business_manager_messaging_limit', 'health_status', 'webhook_configuration'],
];
