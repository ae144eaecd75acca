import { unsupportedRequest } from '../graph/errors.ts';
import type { App } from '../state/apps.ts';
import { requireToken, type Token } from '../state/token.ts';
import { checkNames, selectFields, splitNames } from './fields.ts';
import type { Handler } from './handler.ts';
import { handshake, WEBHOOK_FIELDS } from './webhooks.ts';

const FIELD_VERSION = 'v26.0';

/** @throws MetaError 100 for an unknown field, 100/33 if the token belongs to another app */
export const getApp: Handler<'getApp'> = ({ parameters, token, method }) => {
  const { id, name } = requireToken('app', token).app;
  if (id !== parameters.app_id) throw unsupportedRequest(method, parameters.app_id);
  const node = { id, name, link: appLink(id), category: 'Business' };
  const defaults = ['id', 'name', 'link', 'category'] as const;
  return { ...selectFields(node, parameters.fields, 'Application', defaults), id };
};

export function appLink(id: string): string {
  return `https://www.facebook.com/games/?app_id=${id}`;
}

export const listAppSubscriptions: Handler<'listAppSubscriptions'> = (call) => {
  const { id } = requireOwnApp(call.token, call.parameters.app_id, call.method);
  return {
    data: call.state.appSubscriptions.of(id).map(({ fields, ...subscription }) => ({
      ...subscription,
      fields: fields.map((name) => ({ name, version: FIELD_VERSION })),
    })),
  };
};

/**
 * Verifies the callback URL with the handshake, then stores it. The seed determines whether new
 * fields replace the old ones or are added to them; without new fields, the old ones stay.
 *
 * @throws MetaError 100 (no field, or an unknown one), 100/33 (another app), 2200, 2201 (handshake)
 */
export const setAppSubscription: Handler<'setAppSubscription'> = async (call) => {
  const { object, callback_url, verify_token } = call.parameters;
  const { id, webhook_fields } = requireOwnApp(call.token, call.parameters.app_id, call.method);
  const { appSubscriptions } = call.state;
  const old = appSubscriptions.get(id, object)?.fields ?? [];
  const sent = call.parameters.fields === undefined ? old : splitNames(call.parameters.fields);
  checkNames('fields', sent, WEBHOOK_FIELDS[object]);
  await handshake(callback_url, verify_token, String(call.state.randomBelow(2 ** 31)));
  const fields = [...new Set(webhook_fields === 'add' ? [...old, ...sent] : sent)];
  appSubscriptions.set(id, { object, callback_url, fields, active: true });
  return { success: true };
};

/**
 * Deletes the given fields from the subscription to an object or, without fields, the whole
 * subscription. Without an object, this applies to all subscriptions.
 *
 * @throws MetaError 100 (an empty list, or an unknown field), 100/33 (another app)
 */
export const deleteAppSubscription: Handler<'deleteAppSubscription'> = (call) => {
  const { id } = requireOwnApp(call.token, call.parameters.app_id, call.method);
  const { object, fields } = call.parameters;
  const names = fields === undefined ? null : splitNames(fields);
  if (names !== null) checkNames('fields', names, webhookFieldsOf(object));
  call.state.appSubscriptions.remove(id, object, names);
  return { success: true };
};

function webhookFieldsOf(object: keyof typeof WEBHOOK_FIELDS | undefined): readonly string[] {
  return object === undefined ? Object.values(WEBHOOK_FIELDS).flat() : WEBHOOK_FIELDS[object];
}

function requireOwnApp(token: Token | null, appId: string, method: string): App {
  const { app } = requireToken('app', token);
  if (app.id === appId) return app;
  throw unsupportedRequest(method, appId);
}
