import { validateHeaderName, validateHeaderValue } from 'node:http';
import { z } from 'zod';
import { HOURLY_LIMITS, OUTAGES, statusOf } from '../../graph/operations/error-codes.ts';
import { type OperationName, operations } from '../../graph/operations/index.ts';
import { MetaError } from '../graph/errors.ts';
import { type HttpReply, htmlReply, jsonReply } from './http.ts';

const target = z
  .string()
  .refine(
    (value) => value.startsWith('/') || Object.hasOwn(operations, value),
    'must be the name of an operation or a path that starts with /',
  );

const headerName = z
  .string()
  .refine((name) => isValid(() => validateHeaderName(name)), 'not a valid header name');
const headerValue = z
  .string()
  .refine(
    (value) => isValid(() => validateHeaderValue('header', value)),
    'not a valid header value',
  );

function isValid(check: () => void): boolean {
  try {
    check();
    return true;
  } catch {
    return false;
  }
}

export const faultSchema = z.strictObject({
  /**
   * The name of an operation, or a path: `/graph/v26.0/me`, `/v26.0/me` or `/me`. If omitted, any
   * request matches.
   */
  operation: target.optional(),
  times: z.int().positive().default(1),
  /** The number of matching requests to skip first. */
  after: z.int().nonnegative().default(0),
  /**
   * HTTP status of the response; for an error, the default is the status that Meta uses with
   * `code`.
   */
  status: z.int().min(200).max(599).optional(),
  code: z.int().optional(),
  subcode: z.int().optional(),
  message: z.string().optional(),
  is_transient: z.boolean().optional(),
  /** Delay of the response in milliseconds. It does not make the response an error. */
  delay_ms: z.int().nonnegative().optional(),
  /** Processes the request, then closes the connection before or in the middle of the response. */
  cut: z.enum(['before', 'middle']).optional(),
  /**
   * Responds with exactly this body instead of processing the request, even with a status below
   * 400.
   */
  body: z.json().optional(),
  html: z.boolean().optional(),
  /** Headers to add to the response. They do not make it an error. */
  headers: z.record(headerName, headerValue).optional(),
  redirect: headerValue.optional(),
});

export type Fault = z.input<typeof faultSchema>;
type ParsedFault = z.output<typeof faultSchema>;

/** The faults still to be injected, in the order in which they were added. */
export class FaultQueue {
  readonly #pending: { fault: ParsedFault; after: number; times: number }[] = [];

  add(fault: ParsedFault): void {
    this.#pending.push({ fault, after: fault.after, times: fault.times });
  }

  take(operation: OperationName | null, paths: readonly string[]): ParsedFault | null {
    for (const [index, entry] of this.#pending.entries()) {
      const affected = entry.fault.operation;
      const isAffected =
        affected === undefined || affected === operation || paths.includes(affected);
      if (!isAffected) continue;
      if (entry.after > 0) {
        entry.after -= 1;
        continue;
      }
      entry.times -= 1;
      if (entry.times === 0) this.#pending.splice(index, 1);
      return entry.fault;
    }
    return null;
  }
}

/**
 * Returns the response to send instead of processing the request: a redirect, the fault's body or
 * an HTML page. Returns null if the fault only delays, changes or cuts off the real response.
 *
 * @throws MetaError if the fault is one of Meta's errors
 */
export function faultReply(fault: ParsedFault): HttpReply | null {
  if (fault.redirect !== undefined) {
    return { status: fault.status ?? 302, headers: { Location: fault.redirect }, body: '' };
  }
  if (fault.body !== undefined) return jsonReply(fault.status ?? 200, fault.body);
  if (fault.html) {
    return htmlReply(
      fault.status ?? 200,
      '<!doctype html><title>Error</title><h1>Sorry, something went wrong.</h1>',
    );
  }
  const isError =
    (fault.status ?? 200) >= 400 ||
    [fault.code, fault.subcode, fault.message, fault.is_transient].some(
      (value) => value !== undefined,
    );
  if (!isError) return null;
  const code = fault.code ?? defaultCode(fault.status ?? 400);
  throw new MetaError(fault.status ?? statusOf(code), {
    message: fault.message ?? `(#${code}) Fault injected into the sandbox`,
    type: 'OAuthException',
    code,
    error_subcode: fault.subcode,
    is_transient:
      fault.is_transient ?? ([...OUTAGES, ...HOURLY_LIMITS].includes(code) ? true : undefined),
  });
}

function defaultCode(status: number): number {
  if (status >= 500) return 2;
  return { 401: 190, 403: 200, 429: 4 }[status] ?? 100;
}
