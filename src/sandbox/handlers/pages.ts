import {
  invalidParameter,
  missingFieldPermission,
  missingTask,
  unsupportedRequest,
} from '../graph/errors.ts';
import type { SandboxState } from '../state/sandbox-state.ts';
import {
  isSystemUser,
  type Page,
  type PageToken,
  type Person,
  requireToken,
  type Token,
  type UserToken,
} from '../state/token.ts';
import { appLink } from './apps.ts';
import { checkFields, checkNames, selectFields, splitNames } from './fields.ts';
import type { Handler } from './handler.ts';
import { paginate } from './paging.ts';
import { WEBHOOK_FIELDS } from './webhooks.ts';

export const PAGE_FIELDS = ['id', 'name', 'category', 'tasks', 'access_token'] as const;
type PageField = (typeof PAGE_FIELDS)[number];

const MESSAGING_TASKS = ['MESSAGING'];

/** `subscribed_apps` requires one of these tasks (source: Meta, "Page, subscribed_apps"). */
const SUBSCRIPTION_TASKS = ['CREATE_CONTENT', 'MANAGE', 'MODERATE'];

/** The permission that webhook fields about messages require, besides the one for the call. */
const MESSAGING_PERMISSION = 'pages_messaging';
const MESSAGING_FIELDS = /^(?:messag|standby|response_feedback)/;

type Call = Parameters<Handler<'listPages'>>[0] | Parameters<Handler<'listAssignedPages'>>[0];

/** A task in the new Pages experience that includes all others. */
const FULL_CONTROL = 'PROFILE_PLUS_FULL_CONTROL';

/**
 * Returns the user's Pages, except those that the seed excludes from `/me/accounts`. The list is
 * empty for a system user.
 */
export const listPages: Handler<'listPages'> = (call) => {
  const { person } = requireToken('user', call.token);
  const pages = isSystemUser(person) ? [] : pagesOf(call.state, person);
  return pageList(
    call,
    pages.filter((page) => page.in_accounts),
  );
};

/**
 * Returns the Pages that are assigned to a system user; none for another user.
 *
 * @throws MetaError 100 (field or cursor), 100/33 unless the ID is that of the token's user
 */
export const listAssignedPages: Handler<'listAssignedPages'> = (call) => {
  const { person } = requireToken('user', call.token);
  if (person.id !== call.parameters.user_id) {
    throw unsupportedRequest(call.method, call.parameters.user_id);
  }
  return pageList(call, isSystemUser(person) ? pagesOf(call.state, person) : []);
};

function pagesOf({ pages }: SandboxState, { roles }: Person): Page[] {
  return [...roles.keys()].flatMap((id) => pages.get(id) ?? []);
}

function pageList(
  { parameters, token, state, url }: Pick<Call, 'parameters' | 'token' | 'state' | 'url'>,
  listed: readonly Page[],
) {
  const user = requireToken('user', token);
  const fields = pageFields(parameters.fields, PAGE_FIELDS);
  const { items, ...paging } = paginate(listed, parameters, user.value, url);
  return { data: items.map((page) => pageNode(state, user, page, fields)), ...paging };
}

/**
 * Returns an access token for a Page that the user has a role on, and the Page's name.
 *
 * @throws MetaError 100/33 if the user has no role on it
 */
export const getPageToken: Handler<'getPageToken'> = ({ parameters, token, state, method }) => {
  const user = requireToken('user', token);
  const page = visiblePage(state, user, parameters.page_id, method);
  return {
    id: page.id,
    ...(!page.is_unnamed && { name: page.name }),
    access_token: pageToken(state, user, page),
  };
};

/**
 * Returns the requested fields of a Page to the Page itself, or to a user with any role on it.
 *
 * @throws MetaError 100 (field), 100/33 (another Page, or the user has no role on it)
 */
export const getPage: Handler<'getPage'> = ({ parameters, token, state, method }) => {
  const viewer = token?.kind === 'page' ? token : requireToken('user', token);
  const fields = pageFields(parameters.fields, ['id', 'name']);
  return pageNode(state, viewer, visiblePage(state, viewer, parameters.page_id, method), fields);
};

/**
 * @throws MetaError 100 (field), 100/33 (another Page), 200 (no task, or no permission for a field)
 */
export const subscribePage: Handler<'subscribePage'> = ({ parameters, token, state, method }) => {
  const pageToken = requirePageToken(token, parameters.page_id, method);
  const fields = splitNames(parameters.subscribed_fields);
  checkNames('subscribed_fields', fields, WEBHOOK_FIELDS.page);
  requireTask(pageToken, SUBSCRIPTION_TASKS);
  const denied = fields.filter((field) => MESSAGING_FIELDS.test(field));
  if (denied.length > 0 && !pageToken.scopes.includes(MESSAGING_PERMISSION)) {
    throw missingFieldPermission(denied, MESSAGING_PERMISSION);
  }
  state.pageSubscriptions.get(pageToken.page.id)?.set(pageToken.app.id, new Set(fields));
  return { success: true };
};

/**
 * Unsubscribes the app; also succeeds if it is not subscribed.
 *
 * @throws MetaError 100/33 if the token belongs to another Page
 */
export const unsubscribePage: Handler<'unsubscribePage'> = (call) => {
  const { page, app } = requirePageToken(call.token, call.parameters.page_id, call.method);
  call.state.pageSubscriptions.get(page.id)?.delete(app.id);
  return { success: true };
};

/** @throws MetaError 100 (field or cursor), 100/33 (another Page) */
export const listPageSubscriptions: Handler<'listPageSubscriptions'> = (call) => {
  const { parameters, state, method, url } = call;
  const { value, page } = requirePageToken(call.token, parameters.page_id, method);
  const apps = [...(state.pageSubscriptions.get(page.id) ?? [])].map(([id, subscribed]) => ({
    id,
    name: state.apps.get(id)?.name ?? `App ${id}`,
    link: appLink(id),
    category: 'Business',
    subscribed_fields: [...subscribed],
  }));
  const known = ['id', 'name', 'link', 'category', 'subscribed_fields'] as const;
  checkFields(splitNames(parameters.fields ?? ''), known, 'Application');
  const { items, ...paging } = paginate(apps, parameters, value, url);
  const data = items.map((item) => ({
    ...selectFields(item, parameters.fields, 'Application', known),
    id: item.id,
  }));
  return { data, ...paging };
};

/** @throws MetaError 200 if the token's user does not have the messaging task on the Page */
export function requireMessagingTask(token: PageToken): void {
  requireTask(token, MESSAGING_TASKS);
}

function requireTask({ person, page }: PageToken, accepted: readonly string[]): void {
  const tasks = person.roles.get(page.id);
  if (tasks === null) return; // The tasks are omitted from responses, but the user has them.
  const names = [...accepted, ...accepted.map((task) => `PROFILE_PLUS_${task}`), FULL_CONTROL];
  if (!names.some((name) => tasks?.includes(name))) throw missingTask(accepted);
}

function requirePageToken(token: Token | null, pageId: string, method: string): PageToken {
  const own = requireToken('page', token);
  if (own.page.id !== pageId) throw unsupportedRequest(method, pageId);
  return own;
}

function visiblePage(state: SandboxState, viewer: Viewer, id: string, method: string): Page {
  const page = state.pages.get(id);
  const isVisible = viewer.kind === 'page' ? viewer.page.id === id : viewer.person.roles.has(id);
  if (page === undefined || !isVisible) throw unsupportedRequest(method, id);
  return page;
}

export function pageFields(
  text: string | undefined,
  defaults: readonly PageField[],
): readonly PageField[] {
  if (text === undefined) return defaults;
  return splitNames(text).map((name) => {
    const field = PAGE_FIELDS.find((known) => known === name);
    if (field !== undefined) return field;
    throw invalidParameter(`Tried accessing nonexisting field (${name}) on node type (Page)`);
  });
}

type Viewer = PageToken | UserToken;

/** Returns the requested fields and `id`. Meta omits `name` and `tasks` of some Pages. */
export function pageNode(
  state: SandboxState,
  viewer: Viewer,
  page: Page,
  fields: readonly PageField[],
) {
  const tasks = viewer.person.roles.get(page.id) ?? null;
  const includes = (field: PageField) => fields.includes(field);
  return {
    ...(includes('access_token') && {
      access_token: viewer.kind === 'page' ? viewer.value : pageToken(state, viewer, page),
    }),
    ...(includes('category') && page.category !== undefined && { category: page.category }),
    ...(includes('tasks') && tasks !== null && { tasks: [...tasks] }),
    ...(includes('name') && !page.is_unnamed && { name: page.name }),
    id: page.id,
  };
}

/**
 * A Page token never expires if the user token it was requested with is long-lived; otherwise it
 * expires with the user token.
 */
function pageToken(state: SandboxState, user: UserToken, page: Page): string {
  const { app, person, scopes, isLongLived } = user;
  const expiresAt = isLongLived ? null : user.expiresAt;
  return state.issueToken({ kind: 'page', app, page, person, scopes, expiresAt });
}
