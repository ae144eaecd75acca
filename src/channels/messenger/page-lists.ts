import type { Credentials, Graph } from '../../graph/graph.ts';
import type { ItemOf } from '../../graph/operations/index.ts';
import type { ProfileState } from '../../profile/types.ts';
import { mapLimited } from '../../shared/concurrency.ts';
import { ChannelctlError } from '../../shared/errors.ts';
import type { AppCredentials } from '../meta/app-credentials.ts';
import { inspectToken, SYSTEM_USER } from '../meta/inspect-token.ts';

export const PAGE_FIELDS = 'id,name,category,tasks';

export const CONCURRENCY = 5;

const USER = 'USER';

export interface PageSearch {
  user: Credentials;
  /**
   * The app that issued the token and can inspect it; null if the app's ID or secret is unknown.
   */
  app: AppCredentials | null;
  ids?: readonly string[];
  state: ProfileState;
  warn(message: string, hint: string): void;
}

export interface Business {
  id: string;
  name: string | null;
}

export interface FoundPage {
  page: ItemOf<'listPages'>;
  business: Business | null;
}

export async function listBusinessPages(graph: Graph, search: PageSearch): Promise<FoundPage[]> {
  const reading = graph.list('listBusinesses', { fields: 'id,name' }, search.user);
  const businesses = await unlessFailed(reading, search);
  const pages = await mapLimited(businesses, CONCURRENCY, ({ id, name }) =>
    pagesOfBusiness(graph, search, { id, name: name ?? null }),
  );
  return pages.flat();
}

/**
 * Lists the Pages that are assigned to a system user, and those of its business portfolio. The list
 * is empty for another user.
 */
export async function listSystemUserPages(graph: Graph, search: PageSearch): Promise<FoundPage[]> {
  const { user } = search;
  const readOwner = (fields: string) =>
    unlessFailed(
      graph.call('getUser', { user_id: 'me', fields }, user).then((owner) => [owner]),
      search,
    );
  const assigned = async () => {
    const lists = await mapLimited(await readOwner('id'), CONCURRENCY, ({ id: user_id }) =>
      unlessFailed(graph.list('listAssignedPages', { user_id, fields: PAGE_FIELDS }, user), search),
    );
    return lists.flat().map((page) => ({ page, business: null }));
  };
  // For another user, Meta rejects a request with `client_business_id`, so it is made separately.
  const ofBusiness = async () => {
    const lists = await mapLimited(
      await readOwner('client_business_id'),
      CONCURRENCY,
      async ({ client_business_id: id }) =>
        id ? pagesOfBusiness(graph, search, { id, name: null }) : [],
    );
    return lists.flat();
  };
  const lists = await Promise.all([assigned(), ofBusiness()]);
  return lists.flat();
}

async function pagesOfBusiness(
  graph: Graph,
  search: PageSearch,
  business: Business,
): Promise<FoundPage[]> {
  const parameters = { business_id: business.id, fields: PAGE_FIELDS };
  const lists = await Promise.all([
    unlessFailed(graph.list('listOwnedPages', parameters, search.user), search),
    unlessFailed(graph.list('listClientPages', parameters, search.user), search),
  ]);
  return lists.flat().map((page) => ({ page, business }));
}

interface Owner {
  isUser: boolean;
  isSystemUser: boolean;
  pageIds: string[];
}

export async function inspectOwner(graph: Graph, search: PageSearch): Promise<Owner> {
  const { app, user } = search;
  if (app === null) return { isUser: false, isSystemUser: false, pageIds: [] };
  const reading = inspectToken(graph, app, user.token, (text) => text);
  const inspections = await unlessFailed(
    reading.then((one) => [one]),
    search,
  );
  return {
    isUser: inspections.some(({ type }) => type === USER),
    isSystemUser: inspections.some(({ type }) => type === SYSTEM_USER),
    pageIds: inspections
      .flatMap(({ targets }) => [...targets])
      .flatMap(([permission, ids]) => (permission.startsWith('pages_') ? ids : [])),
  };
}

export async function unlessDenied<Item>(items: Promise<Item[]>): Promise<Item[]> {
  return items.catch((error) => {
    if (error instanceof ChannelctlError && isDenied(error)) return [];
    throw error;
  });
}

/**
 * Like `unlessDenied`, but also returns an empty list, with a warning, after another error of kind
 * `graph`.
 */
export async function unlessFailed<Item>(
  items: Promise<Item[]>,
  { warn }: PageSearch,
): Promise<Item[]> {
  return unlessDenied(items).catch((error) => {
    if (!(error instanceof ChannelctlError) || error.kind !== 'graph') throw error;
    warn(`Pages may be missing from the list. ${error.description}`, error.hint);
    return [];
  });
}

/** Whether the token has no access. For an edge that it cannot use, Meta returns code 100. */
function isDenied({ kind, graph }: ChannelctlError): boolean {
  return kind === 'not_allowed' || graph?.code === 100 || graph?.code === 803;
}
