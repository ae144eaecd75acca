import { invalidParameter } from '../refusal.ts';

const DEFAULT_LIMIT = 25;
const HIGHEST_LIMIT = 100;

interface Asked {
  limit?: number | undefined;
  after?: string | undefined;
  fields?: string | undefined;
}

type Paging = {
  cursors: { before: string; after: string };
  next?: string;
};

/**
 * One page of a list: 25 items, with `limit` up to 100, from the cursor on.
 *
 * @param ids of the whole list, in its order
 * @param token for the address of the next page, which contains it
 * @throws Refusal 100 where the cursor is none of this list's
 */
export function resultPage(
  ids: readonly string[],
  asked: Asked,
  token: string,
  address: string,
): { shown: readonly string[]; paging?: Paging } {
  const start = asked.after === undefined ? 0 : positionAfter(ids, asked.after);
  const limit = Math.min(asked.limit ?? DEFAULT_LIMIT, HIGHEST_LIMIT);
  const shown = ids.slice(start, start + limit);
  const [first, last] = [shown[0], shown.at(-1)];
  if (first === undefined || last === undefined) return { shown };
  const cursors = { before: cursor(first), after: cursor(last) };
  if (start + limit >= ids.length) return { shown, paging: { cursors } };
  const query = new URLSearchParams({
    access_token: token,
    ...(asked.fields !== undefined && { fields: asked.fields }),
    limit: String(limit),
    after: cursors.after,
  });
  return { shown, paging: { cursors, next: `${address}?${query}` } };
}

function cursor(id: string): string {
  return Buffer.from(id).toString('base64url');
}

function positionAfter(ids: readonly string[], after: string): number {
  const position = ids.indexOf(Buffer.from(after, 'base64url').toString());
  if (position === -1) throw invalidParameter('Param after is not a valid cursor');
  return position + 1;
}
