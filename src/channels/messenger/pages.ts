import { accountByKey, type IdSource, upsertAccount } from '../../accounts/accounts.ts';
import { ownerName } from '../../accounts/secrets.ts';
import type { Credentials, Graph } from '../../graph/graph.ts';
import type { ItemOf } from '../../graph/operations/index.ts';
import type { ProfileState, SecretEdits, StoredAccount } from '../../profile/types.ts';
import { mapLimited } from '../../shared/concurrency.ts';
import { ChannelctlError } from '../../shared/errors.ts';
import { type AppCredentials, appToken } from '../meta/app-credentials.ts';

const CHANNEL = 'messenger';

const FIELDS = 'id,name,category,tasks';

/** The number of Pages or portfolios that are requested concurrently. */
const CONCURRENCY = 5;

/** Messages require this task (Meta, "Pages API, tasks"). */
const MESSAGING_TASK = 'MESSAGING';

/** Webhook subscriptions require one of these (Meta, "Page, subscribed_apps"). */
const SUBSCRIPTION_TASKS = ['CREATE_CONTENT', 'MANAGE', 'MODERATE'];

/** The prefix of task names for Pages in the new Pages experience. */
const PROFILE_PLUS = 'PROFILE_PLUS_';

/** A Page of the user. `connected` means that this profile has an account for the Page. */
export interface Page {
  id: string;
  name: string | null;
  category: string | null;
  /** The user's tasks on the Page; null if Meta omits them. */
  tasks: string[] | null;
  connected: boolean;
  /** The business portfolio through which the Page was found. */
  business: { id: string; name: string | null } | null;
}

type ListedPage = ItemOf<'listPages'>;
type Business = NonNullable<Page['business']>;

export function pageAccountKey(pageId: string): string {
  return `fb-${pageId}`;
}

export interface PageSearch {
  user: Credentials;
  /**
   * The app that issued the token and can inspect it; null if the app's ID or secret is unknown.
   */
  app: AppCredentials | null;
  /** Pages to request directly if no list contains them. */
  ids?: readonly string[];
  state: ProfileState;
  /** Reports that Pages may be missing, because a request failed. */
  warn(message: string, hint: string): void;
}

/**
 * Returns every Page of the token's user once: Pages in `/me/accounts`, Pages that business
 * portfolios own or have access to, Pages that the token was granted access to, and Pages in `ids`.
 * The other requests are needed because `/me/accounts` omits Pages of business portfolios. The search
 * continues if Meta denies one of them, and warns if one fails for another reason.
 *
 * Source: Meta, "User, accounts" and "Business, owned_pages".
 *
 * @throws ChannelctlError if `/me/accounts` or a Page in `ids` cannot be read
 */
export async function listPages(graph: Graph, search: PageSearch): Promise<Page[]> {
  const { user, state, ids = [] } = search;
  const [own, ofBusinesses, granted] = await Promise.all([
    graph.list('listPages', { fields: FIELDS }, user),
    listBusinessPages(graph, search),
    grantedPageIds(graph, search),
  ]);
  const found = new Map<string, { page: ListedPage; business: Business | null }>();
  const add = (page: ListedPage, business: Business | null) => {
    const known = found.get(page.id);
    found.set(
      page.id,
      known ? { ...known, business: known.business ?? business } : { page, business },
    );
  };
  for (const page of own) add(page, null);
  for (const { page, business } of ofBusinesses) add(page, business);
  const missing = [...new Set([...granted, ...ids])].filter((id) => !found.has(id));
  const others = await mapLimited(missing, CONCURRENCY, (page_id) => {
    const page = graph.call('getPage', { page_id, fields: FIELDS }, user).then((one) => [one]);
    return ids.includes(page_id) ? unlessDenied(page) : unlessFailed(page, search);
  });
  for (const page of others.flat()) add(page, null);
  return [...found.values()].map(({ page, business }) => ({
    id: page.id,
    name: page.name || null,
    category: page.category ?? null,
    tasks: page.tasks ?? null,
    connected: accountByKey(state, CHANNEL, pageAccountKey(page.id)) !== undefined,
    business,
  }));
}

async function listBusinessPages(
  graph: Graph,
  search: PageSearch,
): Promise<{ page: ListedPage; business: Business }[]> {
  const { user } = search;
  const reading = graph.list('listBusinesses', { fields: 'id,name' }, user);
  const businesses = await unlessFailed(reading, search);
  const pages = await mapLimited(businesses, CONCURRENCY, async ({ id, name }) => {
    const parameters = { business_id: id, fields: FIELDS };
    const lists = await Promise.all([
      unlessFailed(graph.list('listOwnedPages', parameters, user), search),
      unlessFailed(graph.list('listClientPages', parameters, user), search),
    ]);
    return lists.flat().map((page) => ({ page, business: { id, name: name ?? null } }));
  });
  return pages.flat();
}

/** Returns the IDs of the Pages for which the token was granted a permission. */
async function grantedPageIds(graph: Graph, search: PageSearch): Promise<string[]> {
  const { app, user } = search;
  if (app === null) return [];
  const inspection = graph.call('debugToken', { input_token: user.token }, appToken(app));
  const reading = inspection.then(({ data }) => data.granular_scopes ?? []);
  const scopes = await unlessFailed(reading, search);
  return scopes
    .filter(({ scope }) => scope.startsWith('pages_'))
    .flatMap(({ target_ids }) => target_ids ?? []);
}

/** Returns an empty list if Meta denies access to it. */
async function unlessDenied<Item>(items: Promise<Item[]>): Promise<Item[]> {
  return items.catch((error) => {
    if (error instanceof ChannelctlError && isDenied(error)) return [];
    throw error;
  });
}

/** Also returns an empty list, with a warning, if the request fails for another reason. */
async function unlessFailed<Item>(items: Promise<Item[]>, { warn }: PageSearch): Promise<Item[]> {
  return unlessDenied(items).catch((error) => {
    if (!(error instanceof ChannelctlError) || error.kind !== 'graph') throw error;
    warn(`Pages may be missing from the list. ${error.description}`, error.hint);
    return [];
  });
}

/** Whether the token has no access. Meta reports an edge that a token does not have as code 100. */
function isDenied({ kind, graph }: ChannelctlError): boolean {
  return kind === 'not_allowed' || graph?.code === 100 || graph?.code === 803;
}

/** Returns the error for a search that found no Pages, with the likely reasons. */
export function noPagesError(): ChannelctlError {
  return new ChannelctlError('not_found', 'No Pages found.', {
    reason:
      'You did not grant access to any Page when signing in, you have no role on any Page, or the Pages belong to a business portfolio and the business_management permission was not granted.',
    hint: 'Sign in again and select the Pages, and their business portfolio if the dialog offers it: channelctl messenger connect',
  });
}

/**
 * Returns why a Page cannot be connected; undefined if it can be, or if the user's tasks are
 * unknown.
 */
export function connectProblem({ tasks }: Page): string | undefined {
  if (tasks === null) return undefined;
  const names = new Set(tasks.map((task) => task.replace(PROFILE_PLUS, '')));
  if (names.has('FULL_CONTROL')) return undefined;
  if (!names.has(MESSAGING_TASK)) return 'You need the MESSAGING task on this Page';
  if (SUBSCRIPTION_TASKS.some((task) => names.has(task))) return undefined;
  return 'You need the CREATE_CONTENT, MANAGE or MODERATE task on this Page';
}

/** Stores a connected Page as an account, or renews the token of its existing account. */
export function storePage(
  draft: ProfileState,
  secrets: SecretEdits,
  page: Page,
  accessToken: string,
  context: IdSource & { divisionId: string | null },
): StoredAccount {
  const account_key = pageAccountKey(page.id);
  const owner = { channel: CHANNEL, account_key };
  const page_access_token = secrets.put(ownerName(owner), 'page_access_token', accessToken);
  return upsertAccount(
    draft,
    {
      ...owner,
      config: { page_id: page.id },
      secrets: { page_access_token },
      display_name: page.name,
      initial: { division_id: context.divisionId },
    },
    context,
  );
}
