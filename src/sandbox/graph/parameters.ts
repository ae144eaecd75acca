import type { z } from 'zod';
import type { Operation } from '../../graph/operations/operation.ts';
import { isObject, parseJsonKeepingDigits } from '../../shared/json.ts';
import type { HttpRequest } from '../http/http.ts';
import { invalidParameter, type MetaError } from './errors.ts';

/** What came with a request, by name. What comes in the body beats the query, as at Meta. */
export type RequestParameters = Map<string, unknown>;

/**
 * Merges query and body.
 *
 * @throws MetaError 100 where the body is neither JSON nor a form
 */
export function requestParameters(request: HttpRequest): RequestParameters {
  return new Map<string, unknown>([...request.query, ...bodyParameters(request)]);
}

function bodyParameters({ headers, body }: HttpRequest): [string, unknown][] {
  if (body === '') return [];
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type === 'application/x-www-form-urlencoded') return [...new URLSearchParams(body)];
  if (type !== 'application/json') {
    throw invalidParameter(`The request body has an unsupported content type: ${type ?? 'none'}`);
  }
  const value = jsonOr(body, undefined);
  if (!isObject(value)) throw invalidParameter('The request body is not a valid JSON object');
  return Object.entries(value);
}

/** Lists of names: as JSON, or with commas between them, as the caller likes. */
const NAME_LISTS: ReadonlySet<string> = new Set(['fields', 'subscribed_fields']);

/**
 * Turns text that came in an address or a form into what the schema wants there: Meta takes
 * numbers, booleans, arrays and objects as JSON.
 */
export function decoded(
  given: RequestParameters,
  schema: Operation['parameters'],
): Record<string, unknown> {
  const shape: Readonly<Record<string, z.core.$ZodType>> = schema.shape;
  return Object.fromEntries(
    [...given].map(([name, value]) => {
      const field = Object.hasOwn(shape, name) ? shape[name] : undefined;
      if (field === undefined) return [name, value];
      const readings = NAME_LISTS.has(name) ? nameLists(value) : [value, asJson(value)];
      return [name, readings.find((reading) => accepts(field, reading)) ?? readings.at(-1)];
    }),
  );
}

function asJson(value: unknown): unknown {
  return typeof value === 'string' ? jsonOr(value, value) : value;
}

/** A list of names as a text, as an array, and as it came. */
function nameLists(value: unknown): unknown[] {
  const list = asJson(value);
  const names = typeof list === 'string' ? list.split(',') : list;
  const isOfNames = Array.isArray(names) && names.every((name) => typeof name === 'string');
  return isOfNames ? [names.join(','), names, value] : [value];
}

function accepts(field: z.core.$ZodType, value: unknown): boolean {
  const result = field['~standard'].validate(value);
  return !(result instanceof Promise) && result.issues === undefined;
}

function jsonOr<Other>(text: string, other: Other) {
  try {
    return parseJsonKeepingDigits(text);
  } catch {
    return other;
  }
}

/** Meta's words for what a schema holds against the parameters `values`. */
export function parameterError(
  issue: z.core.$ZodIssue,
  values: Readonly<Record<string, unknown>>,
): MetaError {
  if (issue.code === 'unrecognized_keys') {
    return invalidParameter(`Unknown parameter: ${issue.keys.join(', ')}`);
  }
  const path = parameterPath(issue.path);
  if (valueAt(values, issue.path) === undefined) {
    return invalidParameter(`The parameter ${path} is required`);
  }
  if (issue.code === 'invalid_type') {
    return invalidParameter(`Param ${path} must be of type ${issue.expected}`);
  }
  if (issue.code === 'invalid_value') {
    return invalidParameter(
      `Param ${path} must be one of {${issue.values.map(String).join(', ')}}`,
    );
  }
  return invalidParameter(`Param ${path} is not valid: ${issue.message}`);
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (typeof value !== 'object' || value === null) return undefined;
  const inside: Readonly<Record<PropertyKey, unknown>> = { ...value };
  return valueAt(inside[key], rest);
}

/** A place inside a parameter as Meta writes it: `persistent_menu[0][call_to_actions]`. */
export function parameterPath(path: readonly PropertyKey[]): string {
  const [first, ...rest] = path.map(String);
  return [first ?? '', ...rest.map((key) => `[${key}]`)].join('');
}
