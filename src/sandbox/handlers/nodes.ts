import { unsupportedRequest } from '../graph/errors.ts';
import { type Person, SYSTEM_USER } from '../state/entities.ts';
import { ownerIdOf, requireToken, type Token } from '../state/token.ts';
import { fieldsOf } from './fields.ts';
import type { Handler } from './handler.ts';

/** @throws MetaError 100/33 for anybody but whom the token speaks for */
export const getUser: Handler<'getUser'> = ({ parameters, token, method }) => {
  if (token === null || ownerIdOf(token) !== parameters.user_id) {
    throw unsupportedRequest(method, parameters.user_id);
  }
  const { id, name } = userOf(token);
  return { ...fieldsOf({ id, name }, parameters.fields, 'User', ['id', 'name']), id };
};

/** @throws MetaError 100/33 where the token is another app's */
export const getApp: Handler<'getApp'> = ({ parameters, token, method }) => {
  const { id, name } = requireToken('app', token).app;
  if (id !== parameters.app_id) throw unsupportedRequest(method, parameters.app_id);
  const node = { id, name, link: appLink(id), category: 'Business' };
  const defaults = ['id', 'name', 'link', 'category'] as const;
  return { ...fieldsOf(node, parameters.fields, 'Application', defaults), id };
};

/** The address that Meta shows for an app. */
export function appLink(id: string): string {
  return `https://www.facebook.com/games/?app_id=${id}`;
}

function userOf(token: Token): Pick<Person, 'id' | 'name'> {
  return token.kind === 'business' ? SYSTEM_USER : requireToken('user', token).person;
}
