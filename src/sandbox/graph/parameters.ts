import type { z } from 'zod';
import type { Operation } from '../../graph/operations/operation.ts';
import { isObject } from '../../shared/json.ts';
import { parseJsonKeepingDigits } from '../../shared/parse-json.ts';
import type { HttpRequest } from '../http/http.ts';
import { invalidParameter, type MetaError } from './errors.ts';

/** The parameters of a request, by name. As with Meta's servers, the body overrides the query. */
export type RequestParameters = Map<string, unknown>;

/**
 * Merges query and body.
 *
 * @throws MetaError 100 if the body is neither a JSON object nor a form
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
  const value = parseJsonOr(body, undefined);
  if (!isObject(value)) throw invalidParameter('The request body is not a valid JSON object');
  return Object.entries(value);
}

/** Parameters that list names, which can be sent as JSON or separated by commas. */
const NAME_LISTS: ReadonlySet<string> = new Set(['fields', 'subscribed_fields']);

/**
 * Converts the strings of a query or form to the types of the schema. Meta accepts numbers,
 * booleans, arrays and objects as JSON.
 */
export function decodeParameters(
  received: RequestParameters,
  schema: Operation['parameters'],
): Record<string, unknown> {
  const shape: Readonly<Record<string, z.core.$ZodType>> = schema.shape;
  return Object.fromEntries(
    [...received].map(([name, value]) => {
      const field = Object.hasOwn(shape, name) ? shape[name] : undefined;
      if (field === undefined) return [name, value];
      const candidates = NAME_LISTS.has(name) ? nameLists(value) : [value, parseIfJson(value)];
      return [name, candidates.find((candidate) => accepts(field, candidate)) ?? candidates.at(-1)];
    }),
  );
}

function parseIfJson(value: unknown): unknown {
  return typeof value === 'string' ? parseJsonOr(value, value) : value;
}

function nameLists(value: unknown): unknown[] {
  const list = parseIfJson(value);
  const names = typeof list === 'string' ? list.split(',') : list;
  const isOfNames = Array.isArray(names) && names.every((name) => typeof name === 'string');
  return isOfNames ? [names.join(','), names, value] : [value];
}

function accepts(field: z.core.$ZodType, value: unknown): boolean {
  const result = field['~standard'].validate(value);
  return !(result instanceof Promise) && result.issues === undefined;
}

function parseJsonOr<Other>(text: string, other: Other) {
  try {
    return parseJsonKeepingDigits(text);
  } catch {
    return other;
  }
}

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

/** Formats the path of a parameter as Meta does: `persistent_menu[0][call_to_actions]`. */
export function parameterPath(path: readonly PropertyKey[]): string {
  const [first, ...rest] = path.map(String);
  return [first ?? '', ...rest.map((key) => `[${key}]`)].join('');
}
