import { ChannelctlError } from '../shared/errors.ts';
import { isTooMuchData } from './operations/error-codes.ts';
import type { Operation } from './operations/operation.ts';

export interface ResultPage<Item> {
  data: Item[];
  paging?:
    | { cursors?: { after?: string | undefined } | undefined; next?: string | null | undefined }
    | null
    | undefined;
}

/** More pages than any list at Meta has. Each page is a request. */
const MAX_PAGES = 1_000;

/** More than any list at Meta has, but few enough to fit in memory. */
const MAX_ITEMS = 250_000;

/** The minimum page size. If Meta still asks for less data, the call fails. */
const MIN_PAGE_SIZE = 5;

/**
 * Fetches every item of a list, page by page. If Meta asks for less data, the pages become smaller.
 *
 * @param origin the only origin from which a `next` URL is accepted
 * @param pageSize the number of items on the first page
 * @param fetchPage fetches the page after a cursor, which is null for the first page
 * @throws ChannelctlError `graph` if there is a next page but no valid, new cursor, or if the list
 *   exceeds `MAX_PAGES` or `MAX_ITEMS`
 */
export async function fetchAllPages<Item>(
  operation: Operation,
  origin: string,
  pageSize: number,
  fetchPage: (after: string | null, limit: number) => Promise<ResultPage<Item>>,
): Promise<Item[]> {
  const items: Item[] = [];
  const cursors = new Set<string>();
  let after: string | null = null;
  let limit = pageSize;
  for (;;) {
    const page: ResultPage<Item> | null = await fetchPage(after, limit).catch((error) => {
      if (limit > MIN_PAGE_SIZE && asksForLessData(error)) return null;
      throw error;
    });
    if (page === null) {
      limit = Math.max(MIN_PAGE_SIZE, Math.floor(limit / 4));
      continue;
    }
    const { data, paging }: ResultPage<Item> = page;
    for (const item of data) items.push(item);
    if (items.length > MAX_ITEMS) throw longListError(operation, `${MAX_ITEMS} items`);
    if (!paging?.next) return items;
    after = paging.cursors?.after || cursorIn(paging.next, origin);
    if (after === null || cursors.has(after)) throw brokenPagingError(operation);
    cursors.add(after);
    if (cursors.size === MAX_PAGES) throw longListError(operation, `${MAX_PAGES} pages`);
  }
}

function asksForLessData(error: unknown): boolean {
  if (!(error instanceof ChannelctlError) || error.graph === null) return false;
  return isTooMuchData(error.graph.code, error.graph.message);
}

/**
 * Returns the cursor in the URL of the next page; null if there is none or the URL has another
 * origin. The URL itself contains the token and is never requested.
 */
function cursorIn(next: string, origin: string): string | null {
  if (!URL.canParse(next)) return null;
  const url = new URL(next);
  return url.origin === origin ? url.searchParams.get('after') || null : null;
}

function brokenPagingError(operation: Operation): ChannelctlError {
  return new ChannelctlError('graph', `Could not ${operation.purpose}.`, {
    reason: `There are more results, but Meta returned no valid, new cursor for the next page of ${callOf(operation)}.`,
    hint: 'Try again later. To see the response, add --debug.',
  });
}

function longListError(operation: Operation, limit: string): ChannelctlError {
  return new ChannelctlError('graph', `Could not ${operation.purpose}.`, {
    reason: `The list returned by ${callOf(operation)} does not end: it has more than ${limit}.`,
    hint: 'Try again later. To see the responses, add --debug.',
  });
}

function callOf({ method, path }: Operation): string {
  return `${method} ${path}`;
}
