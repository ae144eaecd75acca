import { z } from 'zod';
import type { Json } from '../../shared/json.ts';
import type { Operation, Service, TokenKind } from './operation.ts';

/** A call that no table knows: what a person asks of Meta directly. */
export interface RawCall {
  service: Service;
  method: Operation['method'];
  /** Encoded, with a slash first. */
  path: `/${string}`;
  /** Whether the Graph version is to be put before the path. */
  versioned: boolean;
  /** Whose token it carries, for the hints. */
  token: TokenKind;
  fields: Record<string, Json>;
}

/** Any answer; what is no JSON never comes so far. */
export const anything = z.custom<Json>();

const anyFields = z.looseObject({});

/** The call as the table would declare it. Reads are repeated, writes never. */
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
