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
 * Fetches every item of a list, page by page.
 *
 * @param origin of the URLs that Meta's pages may contain
 * @param fetchPage gets the cursor of a page; null for the first one
 * @throws ChannelctlError of kind `graph` if a page names a next one without a new, valid cursor
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
 * The cursor in the URL of the next page. The URL itself contains the token and is never called;
 * one of another origin is not trusted at all.
 */
function cursorIn(next: string, origin: string): string | null {
  if (!URL.canParse(next)) return null;
  const url = new URL(next);
  return url.origin === origin ? url.searchParams.get('after') || null : null;
}

function brokenPagingError(operation: Operation): ChannelctlError {
  return new ChannelctlError('graph', `Could not ${operation.purpose}.`, {
    reason: 'There are more results, but Meta gave no usable cursor to the next page.',
    hint: 'Try again later; run it with --debug to see the answer.',
  });
}
