import {
  businessAppNumber,
  deregistrationNotRegistered,
  malformedParameter,
  noCertificate,
  noPaymentMethod,
  notRegistered,
  numberOverrideDenied,
  numberPermissionDenied,
  registrationError,
} from '../graph/errors-whatsapp.ts';
import type { SandboxState } from '../state/sandbox-state.ts';
import { type BusinessToken, requireToken, type Token } from '../state/token.ts';
import { countRegisterCall, hasTooManyWrongPins, type PhoneNumber } from '../state/whatsapp.ts';
import { selectFields } from './fields.ts';
import type { Handler } from './handler.ts';
import { verifyOverride, webhookConfiguration } from './overrides.ts';
import { numberNode } from './whatsapp-nodes.ts';

export const getPhoneNumber: Handler<'getPhoneNumber'> = ({ parameters, token, state }) => {
  const { number, app } = requireNumber(state, token, parameters.phone_number_id);
  const node = {
    ...numberNode(number, app.id),
    webhook_configuration: webhookConfiguration(state, number, app.id),
  };
  const shown = selectFields(
    node,
    parameters.fields,
    'WhatsAppBusinessPhoneNumber',
    ['id', 'display_phone_number', 'verified_name', 'quality_rating'],
    state.whatsapp.removedFields,
  );
  return { ...shown, id: node.id };
};

/**
 * Registers a number for the Cloud API. If two-step verification is on, the PIN must match;
 * otherwise the PIN is set and turns it on.
 *
 * @throws MetaError 100 (not a six-digit PIN, in the WhatsApp Business app, or no payment method),
 *   100/2388001 (no certificate), 200 (no access), 131031 (WABA locked), 133005 (wrong PIN), 133006
 *   (not verified), 133009 (too many wrong PINs), 133015 (recently deleted), 133016 (too many calls)
 */
export const registerPhoneNumber: Handler<'registerPhoneNumber'> = (call) => {
  const { parameters, token, state } = call;
  const { number } = requireNumber(state, token, parameters.phone_number_id);
  if (!/^\d{6}$/.test(parameters.pin)) {
    throw malformedParameter('Invalid PIN format. PIN must be exactly 6 digits');
  }
  if (number.seed.is_on_biz_app) throw businessAppNumber('Register');
  const now = state.now();
  if (!countRegisterCall(number, now)) throw registrationError(133016);
  if (number.waba.seed.locked) throw registrationError(131031);
  if (number.seed.code_verification_status !== 'VERIFIED') throw registrationError(133006);
  if (WITHOUT_CERTIFICATE.includes(number.seed.name_status)) throw noCertificate('name');
  if (!number.isRegistered) checkRefusal(number);
  if (now < number.deletedUntil) throw registrationError(133015);
  checkPin(number, parameters.pin, now);
  number.pin = parameters.pin;
  number.isRegistered = true;
  number.status = 'CONNECTED';
  return { success: true };
};

function checkRefusal({ seed: { register_refusal } }: PhoneNumber): void {
  if (register_refusal === undefined) return;
  throw register_refusal === 'payment_method' ? noPaymentMethod() : noCertificate(register_refusal);
}

/** The statuses of a display name that prevent registration; a name in review does not. */
const WITHOUT_CERTIFICATE: readonly string[] = ['EXPIRED', 'NONE'];

/**
 * @throws MetaError 100 (in the WhatsApp Business app), 100/2207051 (not registered), 200 (no
 *   access)
 */
export const deregisterPhoneNumber: Handler<'deregisterPhoneNumber'> = (call) => {
  const { number } = requireNumber(call.state, call.token, call.parameters.phone_number_id);
  if (number.seed.is_on_biz_app) throw businessAppNumber('Deregister');
  if (!number.isRegistered) throw deregistrationNotRegistered();
  number.isRegistered = false;
  number.status = 'DISCONNECTED';
  return { success: true };
};

/**
 * Sets the PIN of two-step verification, which cannot be turned off through the API.
 *
 * @throws MetaError 100 (not a six-digit PIN, or not registered), 200 (no access), 131031 (WABA
 *   locked)
 */
export const setTwoStepPin: Handler<'setTwoStepPin'> = ({ parameters, token, state }) => {
  const { number } = requireNumber(state, token, parameters.phone_number_id);
  if (!/^\d{6}$/.test(parameters.pin)) {
    throw malformedParameter('Invalid PIN format. PIN must be exactly 6 digits');
  }
  if (number.waba.seed.locked) throw registrationError(131031);
  if (!number.isRegistered) throw notRegistered();
  number.pin = parameters.pin;
  return { success: true };
};

/**
 * Sets the URL that overrides those of the WABA and the app. An empty URL removes the override.
 *
 * @throws MetaError 200 if the token is not valid for the number or the seed forbids the change,
 *   and the errors of `verifyOverride`
 */
export const setNumberWebhook: Handler<'setNumberWebhook'> = async (call) => {
  const { parameters, token, state } = call;
  const { number, app } = requireNumber(state, token, parameters.phone_number_id);
  if (number.seed.webhook_override_denied) throw numberOverrideDenied();
  const { override_callback_uri: url, verify_token } = parameters.webhook_configuration;
  if (url === '') {
    number.overrides.delete(app.id);
    return { success: true };
  }
  await verifyOverride(url, verify_token, { waba: number.waba, app, state });
  number.overrides.set(app.id, url);
  return { success: true };
};

function checkPin(number: PhoneNumber, pin: string, now: number): void {
  if (number.pin === null) return;
  if (hasTooManyWrongPins(number, now)) throw registrationError(133009);
  if (number.pin === pin) return;
  number.wrongPins.push(now);
  throw registrationError(133005);
}

function requireNumber(
  state: SandboxState,
  token: Token | null,
  id: string,
): { number: PhoneNumber; app: BusinessToken['app'] } {
  const { wabas, app } = requireToken('business', token);
  const number = state.whatsapp.numbers.get(id);
  if (number === undefined || !wabas.has(number.waba.seed.id)) throw numberPermissionDenied();
  return { number, app };
}
