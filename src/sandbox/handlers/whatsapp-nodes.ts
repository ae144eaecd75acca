import type { PhoneNumber, Waba } from '../state/whatsapp.ts';

type Entity = {
  entity_type: string;
  id: string;
  can_send_message: string;
  can_receive_call_sip?: string;
  errors?: { error_code: number; error_description: string; possible_solution: string }[];
};

export function numberNode(number: PhoneNumber, appId: string) {
  const { seed, waba } = number;
  return {
    id: seed.id,
    display_phone_number: seed.display_phone_number ?? `+1 555-${seed.id.slice(-7)}`,
    verified_name: seed.verified_name ?? waba.seed.name,
    quality_rating: seed.quality_rating,
    code_verification_status: seed.code_verification_status,
    name_status: seed.name_status,
    status: number.status,
    platform_type: number.isRegistered || seed.is_on_biz_app ? 'CLOUD_API' : 'NOT_APPLICABLE',
    throughput: { level: number.isRegistered ? 'STANDARD' : 'NOT_APPLICABLE' },
    messaging_limit_tier: seed.messaging_limit_tier,
    whatsapp_business_manager_messaging_limit: seed.whatsapp_business_manager_messaging_limit,
    health_status: seed.health_status ?? numberHealth(number, appId),
    account_mode: 'LIVE',
    is_official_business_account: false,
    is_pin_enabled: number.pin !== null,
    is_on_biz_app: seed.is_on_biz_app,
  };
}

export function listedNumberNode(number: PhoneNumber, appId: string) {
  const node = numberNode(number, appId);
  const { listed_status: status = node.status } = number.seed;
  return {
    ...node,
    status: status ?? undefined,
    country_code: number.waba.seed.country,
    country_dial_code: /\d+/.exec(node.display_phone_number)?.[0],
    unified_cert_status: CERTIFICATE_STATUSES[node.name_status] ?? 'ACCOUNT_REVIEW_NOT_STARTED',
    host_platform: node.platform_type,
    username: undefined,
  };
}

const CERTIFICATE_STATUSES: Readonly<Record<string, string>> = {
  APPROVED: 'APPROVED',
  AVAILABLE_WITHOUT_REVIEW: 'APPROVED',
  PENDING_REVIEW: 'NAME_PENDING_REVIEW',
  DECLINED: 'NAME_NOT_APPROVED',
};

export function wabaNode({ seed }: Waba, appId: string) {
  const { locked, business_token, subscribed_apps, numbers, business_id, ...node } = seed;
  return {
    ...node,
    primary_business_location: seed.country,
    health_status: seed.health_status ?? healthOf(sharedEntities(seed, appId)),
  };
}

function numberHealth({ seed, waba, isRegistered }: PhoneNumber, appId: string) {
  const { id, sip_error } = seed;
  const errors = [...(isRegistered ? [] : [NOT_REGISTERED]), ...(sip_error ? [SIP_DISABLED] : [])];
  const own: Entity = {
    entity_type: 'PHONE_NUMBER',
    id,
    can_send_message: isRegistered ? (sip_error ? 'LIMITED' : 'AVAILABLE') : 'BLOCKED',
    ...(sip_error && { can_receive_call_sip: 'BLOCKED' }),
    ...(errors.length > 0 && { errors }),
  };
  return healthOf([own, ...sharedEntities(waba.seed, appId)]);
}

const NOT_REGISTERED = {
  error_code: 141000,
  error_description: 'The phone number is not registered.',
  possible_solution: 'Register the phone number.',
};

/** Meta reports an entity with this error as LIMITED, although it concerns only calls. */
const SIP_DISABLED = {
  error_code: 138024,
  error_description: 'SIP is not enabled',
  possible_solution: '',
};

function sharedEntities({ id, business_id, locked }: Waba['seed'], appId: string): Entity[] {
  return [
    { entity_type: 'WABA', id, can_send_message: locked === true ? 'BLOCKED' : 'AVAILABLE' },
    { entity_type: 'BUSINESS', id: business_id, can_send_message: 'AVAILABLE' },
    { entity_type: 'APP', id: appId, can_send_message: 'AVAILABLE' },
  ];
}

function healthOf(entities: Entity[]) {
  const worst = ['BLOCKED', 'LIMITED'].find((value) =>
    entities.some((entity) => entity.can_send_message === value),
  );
  return { can_send_message: worst ?? 'AVAILABLE', entities };
}
