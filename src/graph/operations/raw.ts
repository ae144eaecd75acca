import { z } from 'zod';
import type { Json } from '../../shared/json.ts';
import type { Operation, Service, TokenKind } from './operation.ts';

export interface RawCall {
  service: Service;
  method: Operation['method'];
  /** URL-encoded, with a leading slash. */
  path: `/${string}`;
  versioned: boolean;
  token: TokenKind;
  fields: Record<string, Json>;
}

export const anything = z.custom<Json>();

const anyFields = z.looseObject({});

/** Creates the declaration of an undeclared call. Only reads are repeatable. */
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
