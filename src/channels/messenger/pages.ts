import { accountByKey, type IdSource, upsertAccount } from '../../accounts/accounts.ts';
import { ownerName } from '../../accounts/secrets.ts';
import type { Credentials, Graph } from '../../graph/graph.ts';
import type { ItemOf } from '../../graph/operations/index.ts';
import type { ProfileState, SecretEdits, StoredAccount } from '../../profile/types.ts';

const CHANNEL = 'messenger';

/** A Page of the user. It is connected if this profile has an account for it. */
export interface Page {
  id: string;
  name: string | null;
  category: string | null;
  tasks: string[];
  connected: boolean;
}

export function pageAccountKey(pageId: string): string {
  return `fb-${pageId}`;
}

/** All Pages of the token's user. */
export async function listPages(
  graph: Graph,
  user: Credentials,
  state: ProfileState,
): Promise<Page[]> {
  const pages = await graph.list('listPages', { fields: 'id,name,category,tasks' }, user);
  return pages.map((page: ItemOf<'listPages'>) => ({
    id: page.id,
    name: page.name ?? null,
    category: page.category ?? null,
    tasks: page.tasks ?? [],
    connected: accountByKey(state, CHANNEL, pageAccountKey(page.id)) !== undefined,
  }));
}

/**
 * Why a Page cannot be connected; undefined if it can.
 *
 * Source: Meta, "Pages API, tasks": messaging for a Page needs the task MESSAGING or MODERATE.
 */
export function connectProblem({ tasks }: Page): string | undefined {
  if (tasks.includes('MESSAGING') || tasks.includes('MODERATE')) return undefined;
  return 'You need the MESSAGING or MODERATE task on this Page';
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
