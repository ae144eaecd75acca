import { requireToken } from '../state/token.ts';
import { fieldsOf } from './fields.ts';
import type { Handler } from './handler.ts';
import { checkNames, namesIn } from './names.ts';
import { WEBHOOK_FIELDS } from './webhooks.ts';

/** The asked fields; user_id and username come always, since the table of operations has them so. */
export const getInstagramProfile: Handler<'getInstagramProfile'> = ({ parameters, token }) => {
  const { account } = requireToken('instagram', token);
  const { app_scoped_id, access_token, token_issued_at, token_expires_at, ...profile } = account;
  const node = { ...profile, id: app_scoped_id };
  const shown = fieldsOf(node, parameters.fields, 'User', ['user_id', 'username']);
  const { id, user_id, username } = node;
  return { ...shown, id, user_id, username };
};

/** @throws MetaError 100 for an unknown field */
export const subscribeInstagram: Handler<'subscribeInstagram'> = (call) => {
  const { account } = requireToken('instagram', call.token);
  const fields = namesIn(call.parameters.subscribed_fields);
  checkNames('subscribed_fields', fields, WEBHOOK_FIELDS.instagram);
  call.state.instagram.subscriptions.set(account.user_id, [...new Set(fields)]);
  return { success: true };
};

export const listInstagramSubscriptions: Handler<'listInstagramSubscriptions'> = (call) => {
  const { account, app } = requireToken('instagram', call.token);
  const subscribed_fields = call.state.instagram.subscriptions.get(account.user_id);
  if (subscribed_fields === undefined) return { data: [] };
  return { data: [{ id: app.id, name: app.name, subscribed_fields: [...subscribed_fields] }] };
};
