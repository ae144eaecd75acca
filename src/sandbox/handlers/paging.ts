import { invalidParameter } from '../graph/errors.ts';

const DEFAULT_LIMIT = 25;
const MAX_LIMIT = 100;

interface Asked {
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
 * One page of a list: 25 items, with `limit` up to 100, behind the one cursor or before the other.
 *
 * @param items the whole list, in its order
 * @param token for the address of the next page, which contains it
 * @throws MetaError 100 where the cursor is none of this list's
 */
export function resultPage<Item extends { id: string }>(
  items: readonly Item[],
  asked: Asked,
  token: string,
  address: string,
): { shown: readonly Item[]; paging?: Paging } {
  const limit = Math.min(asked.limit ?? DEFAULT_LIMIT, MAX_LIMIT);
  const [start, end] = sliceBounds(items, asked, limit);
  const shown = items.slice(start, end);
  const [first, last] = [shown[0], shown.at(-1)];
  if (first === undefined || last === undefined) return { shown };
  const cursors = { before: cursor(first), after: cursor(last) };
  if (end >= items.length) return { shown, paging: { cursors } };
  const query = new URLSearchParams({
    access_token: token,
    ...carriedParameters(asked),
    limit: String(limit),
    after: cursors.after,
  });
  return { shown, paging: { cursors, next: `${address}?${query}` } };
}

function sliceBounds(
  items: readonly { id: string }[],
  { after, before }: Asked,
  limit: number,
): [start: number, end: number] {
  if (before !== undefined) {
    const end = positionOf(items, 'before', before);
    return [Math.max(0, end - limit), end];
  }
  const start = after === undefined ? 0 : positionOf(items, 'after', after) + 1;
  return [start, start + limit];
}

/** What the next page is asked for as this one was. */
function carriedParameters(asked: Asked): Record<string, string> {
  const names = ['fields', 'filtering', 'sort'].filter((name) => asked[name] !== undefined);
  return Object.fromEntries(names.map((name) => [name, String(asked[name])]));
}

function cursor({ id }: { id: string }): string {
  return Buffer.from(id).toString('base64url');
}

function positionOf(items: readonly { id: string }[], parameter: string, given: string): number {
  const id = Buffer.from(given, 'base64url').toString();
  const position = items.findIndex((item) => item.id === id);
  if (position === -1) throw invalidParameter(`Param ${parameter} is not a valid cursor`);
  return position;
}
