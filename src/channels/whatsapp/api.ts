import { randomInt } from 'node:crypto';
import type { Credentials, Graph } from '../../graph/graph.ts';
import { ChannelctlError } from '../../shared/errors.ts';
import type { NumberLevel } from '../meta/webhooks.ts';
import { KnownFields } from './known-fields.ts';
import type { NumberIds } from './number.ts';
import { numberLevel } from './read-webhooks.ts';
import type { Registrability } from './registration.ts';

/** Registers a number with its PIN. Meta allows ten calls in 72 hours. */
export async function registerNumber(
  graph: Graph,
  credentials: Credentials,
  { phoneNumberId }: NumberIds,
  pin: string,
): Promise<void> {
  await graph.call(
    'registerPhoneNumber',
    { phone_number_id: phoneNumberId, messaging_product: 'whatsapp', pin },
    credentials,
  );
}

export async function deregisterNumber(
  graph: Graph,
  credentials: Credentials,
  { phoneNumberId }: NumberIds,
): Promise<void> {
  await graph.call('deregisterPhoneNumber', { phone_number_id: phoneNumberId }, credentials);
}

/** Unsubscribes the app from the WABA's webhooks; also succeeds if it is not subscribed. */
export async function unsubscribeApp(
  graph: Graph,
  credentials: Credentials,
  { wabaId }: NumberIds,
): Promise<void> {
  const waba = { waba_id: wabaId };
  try {
    await graph.call('unsubscribeWaba', waba, credentials);
  } catch (error) {
    if (!(error instanceof ChannelctlError) || error.graph?.code !== NOT_FOUND) throw error;
    // Meta returns the same code if the WABA does not exist, but then this call fails too.
    await graph.call('listWabaSubscriptions', waba, credentials).catch(() => {
      throw error;
    });
  }
}

const NOT_FOUND = 803;

export async function setPin(
  graph: Graph,
  credentials: Credentials,
  { phoneNumberId }: NumberIds,
  pin: string,
): Promise<void> {
  await graph.call('setTwoStepPin', { phone_number_id: phoneNumberId, pin }, credentials);
}

const REGISTERED: readonly string[] = [
  ...['CONNECTED', 'LINKED', 'FLAGGED', 'RESTRICTED', 'RATE_LIMITED'],
];

export interface NumberState extends Registrability {
  verifiedName: string | null;
  status: string | null;
  /** A registered number is not registered again, because Meta limits these calls. */
  isRegistered: boolean;
  urls: NumberLevel;
}

const STATE_FIELDS = [
  ...['id', 'verified_name', 'status', 'code_verification_status', 'name_status'],
  ...['platform_type', 'is_on_biz_app', 'webhook_configuration'],
];

export async function readNumber(
  graph: Graph,
  credentials: Credentials,
  { phoneNumberId }: NumberIds,
): Promise<NumberState> {
  const number = await new KnownFields(STATE_FIELDS).read((fields) =>
    graph.call('getPhoneNumber', { phone_number_id: phoneNumberId, fields }, credentials),
  );
  return {
    urls: numberLevel(number),
    verifiedName: number.verified_name || null,
    status: number.status || null,
    isRegistered: REGISTERED.includes(upperCase(number.status) ?? ''),
    // A number that is only in the app, and not in the Cloud API, is not connected by coexistence.
    isInBusinessApp: number.is_on_biz_app === true && number.platform_type === 'CLOUD_API',
    codeVerification: upperCase(number.code_verification_status),
    nameStatus: upperCase(number.name_status),
  };
}

/** Meta returns some enumerations in lower case. */
function upperCase(value: string | null | undefined): string | null {
  return value ? value.toUpperCase() : null;
}

const WRONG_PIN = 133005;

export function isWrongPin(error: unknown): boolean {
  return error instanceof ChannelctlError && error.graph?.code === WRONG_PIN;
}

export function generatePin(): string {
  return String(randomInt(1_000_000)).padStart(6, '0');
}
