import { invalidParameter, unsupportedRequest } from '../graph/errors.ts';
import type { SandboxState } from '../state/sandbox-state.ts';
import { type BusinessToken, isSystemUser, requireToken, type UserToken } from '../state/token.ts';
import type { Waba } from '../state/whatsapp.ts';
import { checkFields, selectFields, splitNames } from './fields.ts';
import type { Handler } from './handler.ts';
import { PAGE_FIELDS, pageFields, pageNode } from './pages.ts';
import { paginate } from './paging.ts';
import { wabaNode } from './whatsapp-nodes.ts';

/**
 * Returns the business portfolios that the user is a member of.
 *
 * @throws MetaError 100 (field or cursor, or a system user, which does not have this edge)
 */
export const listBusinesses: Handler<'listBusinesses'> = ({ parameters, token, state, url }) => {
  const user = requireToken('user', token);
  if (isSystemUser(user.person)) {
    throw invalidParameter(
      'Tried accessing nonexisting field (businesses) on node type (SystemUser)',
    );
  }
  const known = ['id', 'name'] as const;
  checkFields(splitNames(parameters.fields ?? ''), known, 'Business');
  const { items, ...paging } = paginate(businessesOf(state, user), parameters, user.value, url);
  const data = items.map(({ id, name }) => ({
    ...selectFields({ id, name }, parameters.fields, 'Business', known),
    id,
  }));
  return { data, ...paging };
};

type PagesCall =
  | Parameters<Handler<'listOwnedPages'>>[0]
  | Parameters<Handler<'listClientPages'>>[0];

/** @throws MetaError 100 (field or cursor), 100/33 (not a member of the portfolio) */
export const listOwnedPages: Handler<'listOwnedPages'> = (call) => pagesOf(call, 'owned_pages');

/** @throws MetaError 100 (field or cursor), 100/33 (not a member of the portfolio) */
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

type WabasCall =
  | Parameters<Handler<'listOwnedWabas'>>[0]
  | Parameters<Handler<'listClientWabas'>>[0];

/** @throws MetaError 100 (field or cursor), 100/33 (no access to the portfolio) */
export const listOwnedWabas: Handler<'listOwnedWabas'> = (call) =>
  wabasOf(call, ({ seed }, business) => seed.business_id === business);

/** @throws MetaError 100 (field or cursor), 100/33 (no access to the portfolio) */
export const listClientWabas: Handler<'listClientWabas'> = (call) =>
  wabasOf(
    call,
    ({ seed }, business) =>
      call.state.businesses.get(business)?.client_wabas.includes(seed.id) === true,
  );

const WABA_TYPE = 'WhatsAppBusinessAccount';

const WABA_DEFAULTS = [
  ...(['id', 'name', 'currency', 'timezone_id', 'message_template_namespace'] as const),
];

/**
 * Returns the WABAs of a portfolio: all of them to a member, and to a system user only those that
 * its token is valid for.
 */
function wabasOf(
  { parameters, token, state, method, url }: WabasCall,
  belongsTo: (waba: Waba, business: string) => boolean,
) {
  const { business_id: id, find, fields } = parameters;
  const owner = token?.kind === 'business' ? token : requireToken('user', token);
  const isVisible = (waba: Waba) => owner.kind === 'user' || owner.wabas.has(waba.seed.id);
  const wabas = [...state.whatsapp.wabas.values()].filter(isVisible);
  if (!canAccess(state, owner, wabas, id)) throw unsupportedRequest(method, id);
  const { firstWaba, removedFields } = state.whatsapp;
  const known = Object.keys(wabaNode(firstWaba, owner.app.id));
  checkFields(splitNames(fields ?? ''), known, WABA_TYPE, removedFields);
  const found = wabas
    .filter((waba) => belongsTo(waba, id) && (find === undefined || waba.seed.id === find))
    .map((waba) => wabaNode(waba, owner.app.id));
  const { items, ...paging } = paginate(found, parameters, owner.value, url);
  const data = items.map((node) => ({
    ...selectFields(node, fields, WABA_TYPE, WABA_DEFAULTS, removedFields),
    id: node.id,
  }));
  return { data, ...paging };
}

function canAccess(
  state: SandboxState,
  owner: UserToken | BusinessToken,
  wabas: readonly Waba[],
  id: string,
): boolean {
  if (owner.kind === 'user') return businessesOf(state, owner).some((one) => one.id === id);
  const shared = state.businesses.get(id)?.client_wabas ?? [];
  return wabas.some(({ seed }) => seed.business_id === id || shared.includes(seed.id));
}

function businessesOf({ businesses }: SandboxState, { person }: UserToken) {
  const belongsTo = isSystemUser(person) ? person.businessId : null;
  return [...businesses.values()].filter(
    ({ id, people }) => id === belongsTo || people.includes(person.id),
  );
}
