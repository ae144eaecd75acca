import { accountByKey, type IdSource, upsertAccount } from '../../accounts/accounts.ts';
import { ownerName } from '../../accounts/secrets.ts';
import type { Graph } from '../../graph/graph.ts';
import type { ProfileState, SecretEdits, StoredAccount } from '../../profile/types.ts';
import { mapLimited } from '../../shared/concurrency.ts';
import { ChannelctlError } from '../../shared/errors.ts';
import { resultOf } from '../../shared/problem.ts';
import {
  type Business,
  CONCURRENCY,
  type FoundPage,
  inspectOwner,
  listBusinessPages,
  listSystemUserPages,
  PAGE_FIELDS,
  type PageSearch,
  unlessDenied,
  unlessFailed,
} from './page-lists.ts';

const CHANNEL = 'messenger';

/** Messages require this task (Meta, "Pages API, tasks"). */
const MESSAGING_TASK = 'MESSAGING';

/** Webhook subscriptions require one of these (Meta, "Page, subscribed_apps"). */
const SUBSCRIPTION_TASKS = ['CREATE_CONTENT', 'MANAGE', 'MODERATE'];

/** The prefix of task names for Pages in the new Pages experience. */
const PROFILE_PLUS = 'PROFILE_PLUS_';

export interface Page {
  id: string;
  name: string | null;
  category: string | null;
  /** The user's tasks on the Page; null if Meta omits them. */
  tasks: string[] | null;
  connected: boolean;
  business: Business | null;
}

export function pageAccountKey(pageId: string): string {
  return `fb-${pageId}`;
}

/**
 * Returns every Page of the token's owner once: Pages in `/me/accounts`, Pages that business
 * portfolios own or have access to, Pages that are assigned to a system user, Pages that the token
 * was granted access to, and Pages in `ids`. `/me/accounts` is not enough: it omits Pages of
 * business portfolios, and can be empty for a system user.
 *
 * Source: Meta, "User, accounts", "Business, owned_pages" and "System User, assigned_pages".
 *
 * @throws ChannelctlError if the request for a Page in `ids` fails for a reason other than missing
 *   access, or if `/me/accounts` cannot be read, unless the token is that of a system user with
 *   other Pages
 */
export async function listPages(graph: Graph, search: PageSearch): Promise<Page[]> {
  const { user, state, warn, ids = [] } = search;
  const [own, ofBusinesses, { pageIds, isSystemUser, ofSystemUser }] = await Promise.all([
    resultOf(graph.list('listPages', { fields: PAGE_FIELDS }, user)),
    listBusinessPages(graph, search),
    inspectOwner(graph, search).then(async (owner) => ({
      ...owner,
      ofSystemUser: owner.isUser ? [] : await listSystemUserPages(graph, search),
    })),
  ]);
  const found = new Map<string, FoundPage>();
  const add = ({ page, business }: FoundPage) => {
    const known = found.get(page.id);
    found.set(
      page.id,
      known ? { ...known, business: known.business ?? business } : { page, business },
    );
  };
  for (const page of own.value ?? []) add({ page, business: null });
  for (const one of [...ofBusinesses, ...ofSystemUser]) add(one);
  const missing = [...new Set([...pageIds, ...ids])].filter((id) => !found.has(id));
  const others = await mapLimited(missing, CONCURRENCY, (page_id) => {
    const reading = graph.call('getPage', { page_id, fields: PAGE_FIELDS }, user);
    const page = reading.then((one) => [one]);
    return ids.includes(page_id) ? unlessDenied(page) : unlessFailed(page, search);
  });
  for (const page of others.flat()) add({ page, business: null });
  if (own.error !== null) {
    // A system user may have no list of its own; for anyone else, the token or the app is unusable.
    if (!isSystemUser || found.size === 0) throw own.error;
    warn(`Pages may be missing from the list. ${own.error.description}`, own.error.hint);
  }
  return [...found.values()].map(({ page, business }) => ({
    id: page.id,
    name: page.name || null,
    category: page.category ?? null,
    tasks: page.tasks ?? null,
    connected: accountByKey(state, CHANNEL, pageAccountKey(page.id)) !== undefined,
    business,
  }));
}

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
