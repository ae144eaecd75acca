import { unsupportedRequest } from '../graph/errors.ts';
import type { SandboxState } from '../state/sandbox-state.ts';
import { requireToken, type UserToken } from '../state/token.ts';
import { selectFields } from './fields.ts';
import type { Handler } from './handler.ts';
import { PAGE_FIELDS, pageFields, pageNode } from './pages.ts';
import { paginate } from './paging.ts';

/** The business portfolios of which the user is a member. */
export const listBusinesses: Handler<'listBusinesses'> = ({ parameters, token, state, url }) => {
  const user = requireToken('user', token);
  const { items, ...paging } = paginate(businessesOf(state, user), parameters, user.value, url);
  const data = items.map(({ id, name }) => ({
    ...selectFields({ id, name }, parameters.fields, 'Business', ['id', 'name']),
    id,
  }));
  return { data, ...paging };
};

type PagesCall =
  | Parameters<Handler<'listOwnedPages'>>[0]
  | Parameters<Handler<'listClientPages'>>[0];

/** @throws MetaError 100/33 if the user is not a member of the portfolio */
export const listOwnedPages: Handler<'listOwnedPages'> = (call) => pagesOf(call, 'owned_pages');

/** @throws MetaError 100/33 if the user is not a member of the portfolio */
export const listClientPages: Handler<'listClientPages'> = (call) => pagesOf(call, 'client_pages');

function pagesOf(
  { parameters, token, state, method, url }: PagesCall,
  edge: 'owned_pages' | 'client_pages',
) {
  const user = requireToken('user', token);
  const business = businessesOf(state, user).find(({ id }) => id === parameters.business_id);
  if (business === undefined) throw unsupportedRequest(method, parameters.business_id);
  const fields = pageFields(parameters.fields, PAGE_FIELDS);
  const pages = business[edge].flatMap((id) => state.pages.get(id) ?? []);
  const { items, ...paging } = paginate(pages, parameters, user.value, url);
  return { data: items.map((page) => pageNode(state, user, page, fields)), ...paging };
}

function businessesOf({ businesses }: SandboxState, { person }: UserToken) {
  return [...businesses.values()].filter(({ people }) => people.includes(person.id));
}
