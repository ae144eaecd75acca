import type { z } from 'zod';
import { ChannelctlError } from '../shared/errors.ts';
import type { Json } from '../shared/json.ts';
import { type CallerOptions, createCaller } from './caller.ts';
import type { Credentials, Graph } from './graph.ts';
import { timeAt } from './http/server-time.ts';
import {
  type AnswerOf,
  type ItemOf,
  type ListName,
  type OperationName,
  type Operations,
  operations,
  type ParametersOf,
} from './operations/index.ts';
import type { Operation } from './operations/operation.ts';
import { anything, type RawCall, rawOperation } from './operations/raw.ts';
import { listOf } from './operations/shapes.ts';

export type GraphOptions = CallerOptions;

/** The table, in a form from which TypeScript keeps the types of each call. */
const table: {
  [Name in OperationName]: Operation<Operations[Name]['parameters'], z.ZodType<AnswerOf<Name>>>;
} = operations;

/** The calls that answer in pages, and what all their pages have. */
const lists: {
  [Name in ListName]: Operation<Operations[Name]['parameters'], z.ZodType<ResultPage<Name>>>;
} = operations;

interface ResultPage<Name extends ListName> {
  data: ItemOf<Name>[];
  paging?:
    | { cursors?: { after?: string | undefined } | undefined; next?: string | undefined }
    | undefined;
}

/** Items of a page of results; Meta's own default is 25. */
const PAGE_SIZE = 100;

/** Meta's APIs as the table of operations declares them, over HTTP. */
export function createGraph(options: GraphOptions): Graph {
  const send = createCaller(options);

  function call<Name extends OperationName>(
    name: Name,
    parameters: ParametersOf<Name>,
    credentials: Credentials | null,
  ): Promise<AnswerOf<Name>> {
    return send(table[name], parameters, credentials);
  }

  /** Meta's pages, one after the other, until the last one. */
  async function list<Name extends ListName>(
    name: Name,
    parameters: ParametersOf<Name>,
    credentials: Credentials | null,
  ): Promise<ItemOf<Name>[]> {
    const { origin } = new URL(options.addresses[lists[name].service]);
    const seen = new Set<string>();
    const items: ItemOf<Name>[] = [];
    const first = { ...parameters, limit: parameters.limit ?? PAGE_SIZE };
    let request: ParametersOf<Name> = first;
    for (;;) {
      const page: ResultPage<Name> = await send(lists[name], request, credentials);
      for (const item of page.data) items.push(item);
      const after = nextCursor(lists[name], page, origin, seen);
      if (after === null) return items;
      request = { ...first, after };
    }
  }

  function raw(asked: RawCall, credentials: Credentials): Promise<Json> {
    return send(rawOperation(asked, anything), asked.fields, credentials);
  }

  async function rawList(asked: RawCall, credentials: Credentials): Promise<Json[]> {
    const operation = rawOperation(asked, listOf(anything));
    const { origin } = new URL(options.addresses[asked.service]);
    const seen = new Set<string>();
    const items: Json[] = [];
    let fields: RawCall['fields'] = { limit: String(PAGE_SIZE), ...asked.fields };
    for (;;) {
      const page = await send(operation, fields, credentials);
      for (const item of page.data) items.push(item);
      const after = nextCursor(operation, page, origin, seen);
      if (after === null) return items;
      fields = { ...fields, after };
    }
  }

  return { call, list, raw, rawList, time: () => timeAt(options) };
}

/** What follows a page of results; null behind the last one. */
function nextCursor(
  operation: Operation,
  { paging }: Pick<ResultPage<ListName>, 'paging'>,
  origin: string,
  seen: Set<string>,
): string | null {
  if (paging?.next === undefined) return null;
  const after = paging.cursors?.after || cursorOf(paging.next, origin);
  if (after === null || seen.has(after)) throw brokenPaging(operation);
  seen.add(after);
  return after;
}

/**
 * The cursor in the address of the next page. The address itself holds the token and is never
 * followed; one of another origin is not believed at all.
 */
function cursorOf(next: string, origin: string): string | null {
  if (!URL.canParse(next)) return null;
  const address = new URL(next);
  return address.origin === origin ? address.searchParams.get('after') || null : null;
}

function brokenPaging(operation: Operation): ChannelctlError {
  return new ChannelctlError('graph', `Could not ${operation.purpose}.`, {
    reason: 'There are more results, but Meta gave no usable cursor to the next page.',
    hint: 'Try again later; run it with --debug to see the answer.',
  });
}
