import type { Operation, TokenKind } from '../../src/graph/operations/operation.ts';

/**
 * A fact about a value, as a JSON Schema. A fact without keywords permits any value.
 */
export interface Fact {
  type?: string | readonly string[];
  enum?: readonly unknown[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  items?: Fact;
  minItems?: number;
  maxItems?: number;
  properties?: Facts;
  required?: readonly string[];
  /** The value is a comma-separated list of these names. */
  names?: readonly string[];
}

export type Facts = Readonly<Record<string, Fact>>;

export interface Call {
  /** The kinds of token that Meta accepts; `none` if the parameters authenticate the call. */
  tokens: readonly TokenKind[];
  permissions: readonly string[];
  sends: readonly Operation['sends'][];
  parameters: Facts;
  required: readonly string[];
  /** The fields that the parameter `fields` can request; null if there is no such parameter. */
  fields: Facts | null;
  answer: Fact;
}

export const text: Fact = { type: 'string' };
export const flag: Fact = { type: 'boolean' };
export const count: Fact = { type: 'integer' };
/** Meta returns IDs as strings or as numbers. */
export const id: Fact = { type: ['string', 'integer'], pattern: '^\\d+$' };

export function words(...values: readonly unknown[]): Fact {
  return { enum: values };
}

export function names(...known: readonly string[]): Fact {
  return { type: 'string', names: known };
}

export function listOf(items: Fact): Fact {
  return { type: 'array', items };
}

export function object(properties: Facts, required: readonly string[] = []): Fact {
  return { type: 'object', properties, required };
}

const PAGING: Facts = { limit: { type: 'integer', minimum: 1 }, after: text, before: text };

export function pageOf(item: Fact): Fact {
  const cursors = object({ before: text, after: text });
  return object({ data: listOf(item), paging: object({ cursors, next: text, previous: text }) });
}

export function nodeRead(fields: Facts, access: Access): Call {
  const parameters = { fields: text };
  return { ...access, sends: ['query'], parameters, required: [], fields, answer: object(fields) };
}

export function listRead(fields: Facts, access: Access, more: Facts = {}): Call {
  const parameters = { fields: text, ...PAGING, ...more };
  const answer = pageOf(object(fields));
  return { ...access, sends: ['query'], parameters, required: [], fields, answer };
}

export type Access = Pick<Call, 'tokens' | 'permissions'>;

/** The format of a User-Agent header that Meta asks for. */
export const USER_AGENT = /^[\w-]+\/\d+\.\d+\.\d+(;[\w=.-]+)?(\s+[\w-]+\/[\d.-]+)?$/;

/** The body of Meta's errors, in the formats of the Graph API and of Instagram's code exchange. */
export const ERRORS: readonly Fact[] = [
  object(
    {
      error: object(
        {
          message: text,
          type: text,
          code: count,
          error_subcode: count,
          error_user_title: text,
          error_user_msg: text,
          error_data: object({ messaging_product: words('whatsapp'), details: text }),
          fbtrace_id: text,
          is_transient: flag,
        },
        ['message', 'type', 'code'],
      ),
    },
    ['error'],
  ),
  object({ error_type: text, code: count, error_message: text }, [
    'error_type',
    'code',
    'error_message',
  ]),
];
