import { invalidParameter } from '../graph/errors.ts';

const DEFAULT_LIMIT = 25;
const MAX_LIMIT = 100;

interface PageRequest {
  limit?: number | undefined;
  after?: string | undefined;
  before?: string | undefined;
  [parameter: string]: unknown;
}

type Paging = {
  cursors: { before: string; after: string };
  next?: string;
};

/**
 * Returns one page of a list, after or before a cursor: 25 items, or `limit` up to 100.
 *
 * @param items the whole list, in order
 * @param token the access token that the URL of the next page contains
 * @throws MetaError 100 if the cursor does not belong to this list
 */
export function paginate<Item extends { id: string }>(
  items: readonly Item[],
  request: PageRequest,
  token: string,
  url: string,
): { items: readonly Item[]; paging?: Paging } {
  const limit = Math.min(request.limit ?? DEFAULT_LIMIT, MAX_LIMIT);
  const [start, end] = sliceBounds(items, request, limit);
  const page = items.slice(start, end);
  const [first, last] = [page[0], page.at(-1)];
  if (first === undefined || last === undefined) return { items: page };
  const cursors = { before: cursor(first), after: cursor(last) };
  if (end >= items.length) return { items: page, paging: { cursors } };
  const query = new URLSearchParams({
    access_token: token,
    ...repeatedParameters(request),
    limit: String(limit),
    after: cursors.after,
  });
  return { items: page, paging: { cursors, next: `${url}?${query}` } };
}

function sliceBounds(
  items: readonly { id: string }[],
  { after, before }: PageRequest,
  limit: number,
): [start: number, end: number] {
  if (before !== undefined) {
    const end = positionOf(items, 'before', before);
    return [Math.max(0, end - limit), end];
  }
  const start = after === undefined ? 0 : positionOf(items, 'after', after) + 1;
  return [start, start + limit];
}

function repeatedParameters(request: PageRequest): Record<string, string> {
  const names = ['fields', 'filtering', 'sort'].filter((name) => request[name] !== undefined);
  return Object.fromEntries(names.map((name) => [name, String(request[name])]));
}

function cursor({ id }: { id: string }): string {
  return Buffer.from(id).toString('base64url');
}

function positionOf(items: readonly { id: string }[], parameter: string, value: string): number {
  const id = Buffer.from(value, 'base64url').toString();
  const position = items.findIndex((item) => item.id === id);
  if (position === -1) throw invalidParameter(`Param ${parameter} is not a valid cursor`);
  return position;
}
