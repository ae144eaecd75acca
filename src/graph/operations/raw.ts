import { z } from 'zod';
import type { Json } from '../../shared/json.ts';
import type { Operation, Service, TokenKind } from './operation.ts';

/** A call that the table does not have, as a user makes it with `channelctl api`. */
export interface RawCall {
  service: Service;
  method: Operation['method'];
  /** URL-encoded, with a leading slash. */
  path: `/${string}`;
  /** Whether the Graph version is put in front of the path. */
  versioned: boolean;
  /** The kind of token that it carries, for hints. */
  token: TokenKind;
  fields: Record<string, Json>;
}

/** Any JSON value. */
export const anything = z.custom<Json>();

const anyFields = z.looseObject({});

/** Declares the call as the table would. Reads are repeated, writes never. */
export function rawOperation<Answer extends z.ZodType>(
  { service, method, path, versioned, token }: RawCall,
  answer: Answer,
): Operation<typeof anyFields, Answer> {
  return {
    purpose: `call ${method} ${path}`,
    service,
    method,
    path,
    versioned,
    token,
    parameters: anyFields,
    sends: method === 'POST' ? 'json' : 'query',
    answer,
    permission: null,
    repeatable: method === 'GET',
  };
}
