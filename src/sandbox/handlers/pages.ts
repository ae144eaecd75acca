import type { Page } from '../parties.ts';
import { invalidParameter, missingTask, unsupportedRequest } from '../refusal.ts';
import { type PageToken, tokenOf, type UserToken } from '../token.ts';
import type { World } from '../world.ts';
import { fieldsOf } from './fields.ts';
import type { Handler } from './handler.ts';
import { resultPage } from './paging.ts';

const PAGE_FIELDS = ['id', 'name', 'category', 'tasks', 'access_token'] as const;
type PageField = (typeof PAGE_FIELDS)[number];

const MESSAGING_TASKS = ['MESSAGING', 'MODERATE'] as const;

/** Webhook fields of the Page object that a messaging app subscribes to, by Meta's reference. */
const SUBSCRIBABLE: ReadonlySet<string> = new Set([
  ...['feed', 'mention', 'name', 'picture', 'category', 'description', 'ratings', 'leadgen'],
  ...['messages', 'messaging_postbacks', 'messaging_optins', 'messaging_referrals'],
  ...['message_deliveries', 'message_reads', 'message_echoes', 'message_reactions'],
  ...['message_edits', 'message_context', 'messaging_handovers', 'messaging_account_linking'],
  ...['messaging_customer_information', 'messaging_feedback', 'messaging_policy_enforcement'],
  ...['messaging_optouts', 'response_feedback', 'standby', 'inbox_labels', 'calls'],
]);

/** The person's Pages with what they may do there; 25 at a time, with `limit` up to 100. */
export const listPages: Handler<'listPages'> = ({ parameters, token, world, address }) => {
  const user = tokenOf('user', token);
  const fields = pageFields(parameters.fields);
  const ids = [...user.person.roles.keys()];
  const { shown, ...paging } = resultPage(ids, parameters, user.value, address);
  const data = shown.flatMap((id) => {
    const page = world.pages.get(id);
    return page === undefined ? [] : [describe(world, user, page, fields)];
  });
  return { data, ...paging };
};

/**
 * A Page's name and access token, for a person with any role on it.
 *
 * @throws Refusal 100/33 where the person has none
 */
export const getPageToken: Handler<'getPageToken'> = ({ parameters, token, world, method }) => {
  const user = tokenOf('user', token);
  const page = world.pages.get(parameters.page_id);
  if (page === undefined || !user.person.roles.has(page.id)) {
    throw unsupportedRequest(method, parameters.page_id);
  }
  return { id: page.id, name: page.name, access_token: pageToken(world, user, page) };
};

/**
 * Subscribes the app to webhooks of the Page whose token it is.
 *
 * @throws Refusal 100 (field), 100/33 (another Page), 200 (no messaging task)
 */
export const subscribePage: Handler<'subscribePage'> = ({ parameters, token, world, method }) => {
  const pageToken = tokenOf('page', token);
  if (pageToken.page.id !== parameters.page_id) {
    throw unsupportedRequest(method, parameters.page_id);
  }
  const fields = parameters.subscribed_fields.split(',').map((field) => field.trim());
  for (const [index, field] of fields.entries()) {
    if (SUBSCRIBABLE.has(field)) continue;
    const known = [...SUBSCRIBABLE].join(', ');
    throw invalidParameter(
      `Param subscribed_fields[${index}] must be one of {${known}} - got "${field}".`,
    );
  }
  requireMessagingTask(pageToken);
  world.subscriptions.set(pageToken.page.id, new Set(fields));
  return { success: true };
};

/** The apps that are subscribed to webhooks of the Page whose token it is. */
export const listPageSubscriptions: Handler<'listPageSubscriptions'> = (call) => {
  const { parameters, world, method, address } = call;
  const { value, page, app } = tokenOf('page', call.token);
  if (page.id !== parameters.page_id) throw unsupportedRequest(method, parameters.page_id);
  const subscribed = world.subscriptions.get(page.id);
  const ids = subscribed === undefined ? [] : [app.id];
  const { shown, ...paging } = resultPage(ids, parameters, value, address);
  const data = shown.map((id) => {
    const node = { id, name: app.name, subscribed_fields: [...(subscribed ?? [])] };
    return { ...fieldsOf(node, parameters.fields, 'Application', []), id };
  });
  return { data, ...paging };
};

/** @throws Refusal 200 where the person behind the token may not answer the Page's messages */
export function requireMessagingTask({ person, page }: PageToken): void {
  const tasks = person.roles.get(page.id) ?? [];
  if (!MESSAGING_TASKS.some((task) => tasks.includes(task))) throw missingTask(MESSAGING_TASKS);
}

function pageFields(text: string): PageField[] {
  return text.split(',').map((name) => {
    const field = PAGE_FIELDS.find((known) => known === name.trim());
    if (field !== undefined) return field;
    throw invalidParameter(`Tried accessing nonexisting field (${name}) on node type (Page)`);
  });
}

/** The fields that were asked for; id and name come always, since the table of operations has them so. */
function describe(world: World, user: UserToken, page: Page, fields: readonly PageField[]) {
  const wants = (field: PageField) => fields.includes(field);
  return {
    ...(wants('access_token') && { access_token: pageToken(world, user, page) }),
    ...(wants('category') && page.category !== undefined && { category: page.category }),
    ...(wants('tasks') && { tasks: [...(user.person.roles.get(page.id) ?? [])] }),
    name: page.name,
    id: page.id,
  };
}

/** A Page token outlives the user token that it was taken with only where that one is long-lived. */
function pageToken(world: World, user: UserToken, page: Page): string {
  const { app, person, scopes, isLongLived } = user;
  const expiresAt = isLongLived ? null : user.expiresAt;
  return world.issue({ kind: 'page', app, page, person, scopes, expiresAt });
}
