import { callbackVerificationFailed, unsupportedRequest } from '../graph/errors.ts';
import { requireToken, type Token } from '../state/token.ts';
import { checkNames, selectFields, splitNames } from './fields.ts';
import type { Handler } from './handler.ts';
import { handshake, WEBHOOK_FIELDS } from './webhooks.ts';

/** The version of each field's payload. */
const FIELD_VERSION = 'v26.0';

/** @throws MetaError 100/33 if the token belongs to another app */
export const getApp: Handler<'getApp'> = ({ parameters, token, method }) => {
  const { id, name } = requireToken('app', token).app;
  if (id !== parameters.app_id) throw unsupportedRequest(method, parameters.app_id);
  const node = { id, name, link: appLink(id), category: 'Business' };
  const defaults = ['id', 'name', 'link', 'category'] as const;
  return { ...selectFields(node, parameters.fields, 'Application', defaults), id };
};

/** The URL that Meta shows for an app. */
export function appLink(id: string): string {
  return `https://www.facebook.com/games/?app_id=${id}`;
}

export const listAppSubscriptions: Handler<'listAppSubscriptions'> = (call) => {
  const appId = requireOwnApp(call.token, call.parameters.app_id, call.method);
  return {
    data: call.state.appSubscriptions.of(appId).map(({ fields, ...subscription }) => ({
      ...subscription,
      fields: fields.map((name) => ({ name, version: FIELD_VERSION })),
    })),
  };
};

/**
 * Verifies the callback URL with the handshake, then stores it. The new fields replace the old
 * ones.
 *
 * @throws MetaError 100 for another app, no fields or an unknown field, 2200 if the handshake
 *   fails
 */
export const setAppSubscription: Handler<'setAppSubscription'> = async (call) => {
  const { object, callback_url, verify_token } = call.parameters;
  const appId = requireOwnApp(call.token, call.parameters.app_id, call.method);
  const fields = [...new Set(splitNames(call.parameters.fields))];
  checkNames('fields', fields, WEBHOOK_FIELDS[object]);
  const challenge = String(call.state.randomBelow(2 ** 31));
  const error = await handshake(callback_url, verify_token, challenge);
  if (error !== null) throw callbackVerificationFailed(error);
  call.state.appSubscriptions.set(appId, { object, callback_url, fields, active: true });
  return { success: true };
};

export const deleteAppSubscription: Handler<'deleteAppSubscription'> = (call) => {
  const appId = requireOwnApp(call.token, call.parameters.app_id, call.method);
  call.state.appSubscriptions.remove(appId, call.parameters.object);
  return { success: true };
};

/** @throws MetaError 100/33 if the token belongs to another app */
function requireOwnApp(token: Token | null, appId: string, method: string): string {
  if (requireToken('app', token).app.id === appId) return appId;
  throw unsupportedRequest(method, appId);
}
