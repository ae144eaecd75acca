import { ChannelctlError } from '../shared/errors.ts';
import type { Operation } from './operations/operation.ts';

/** One page of results. The last one has no `paging.next`. */
export interface ResultPage<Item> {
  data: Item[];
  paging?:
    | { cursors?: { after?: string | undefined } | undefined; next?: string | undefined }
    | undefined;
}

/**
 * Every item of a list: its pages are fetched one after the other.
 *
 * @param origin of the addresses that Meta's pages may name
 * @param fetchPage gets the cursor of a page; null for the first one
 * @throws ChannelctlError of kind `graph` if a page names a next one without a new, usable cursor
 */
export async function fetchAllPages<Item>(
  operation: Operation,
  origin: string,
  fetchPage: (after: string | null) => Promise<ResultPage<Item>>,
): Promise<Item[]> {
  const items: Item[] = [];
  const cursors = new Set<string>();
  let after: string | null = null;
  for (;;) {
    const { data, paging }: ResultPage<Item> = await fetchPage(after);
    for (const item of data) items.push(item);
    if (paging?.next === undefined) return items;
    after = paging.cursors?.after || cursorIn(paging.next, origin);
    if (after === null || cursors.has(after)) throw brokenPagingError(operation);
    cursors.add(after);
  }
}

/**
 * The cursor in the address of the next page. The address itself contains the token and is never
 * followed; one of another origin is not trusted at all.
 */
function cursorIn(next: string, origin: string): string | null {
  if (!URL.canParse(next)) return null;
  const address = new URL(next);
  return address.origin === origin ? address.searchParams.get('after') || null : null;
}

function brokenPagingError(operation: Operation): ChannelctlError {
  return new ChannelctlError('graph', `Could not ${operation.purpose}.`, {
    reason: 'There are more results, but Meta gave no usable cursor to the next page.',
    hint: 'Try again later; run it with --debug to see the answer.',
  });
}
