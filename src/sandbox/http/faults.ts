import { validateHeaderName, validateHeaderValue } from 'node:http';
import { z } from 'zod';
import { type OperationName, operations } from '../../graph/operations/index.ts';
import { MetaError } from '../graph/errors.ts';
import { type HttpReply, htmlReply } from './http.ts';

const target = z
  .string()
  .refine(
    (value) => value.startsWith('/') || Object.hasOwn(operations, value),
    'neither the name of an operation nor a path that begins with /',
  );

const headerName = z
  .string()
  .refine((name) => isValid(() => validateHeaderName(name)), 'not the name of a header');
const headerValue = z
  .string()
  .refine(
    (value) => isValid(() => validateHeaderValue('header', value)),
    'a character that no header can have',
  );

function isValid(check: () => void): boolean {
  try {
    check();
    return true;
  } catch {
    return false;
  }
}

/** A fault to inject, from the seed or while the sandbox runs. */
export const faultSchema = z.strictObject({
  /** An operation by name, or a path with or without its service and version. Absent: any request. */
  operation: target.optional(),
  /** How many matching requests it affects. */
  times: z.int().positive().default(1),
  /** How many matching requests it skips first. */
  after: z.int().nonnegative().default(0),
  /** HTTP status of the error; by default that which Meta uses with `code`. */
  status: z.int().min(200).max(599).optional(),
  /** Meta's error code. */
  code: z.int().optional(),
  subcode: z.int().optional(),
  message: z.string().optional(),
  is_transient: z.boolean().optional(),
  /** Milliseconds by which the response is delayed, error or not. */
  delay_ms: z.int().nonnegative().optional(),
  /** Processes the request, then closes the connection: before or in the middle of the response. */
  cut: z.enum(['before', 'middle']).optional(),
  /** Answers with a page of HTML instead of JSON. */
  html: z.boolean().optional(),
  /** Headers to add to the response, error or not. */
  headers: z.record(headerName, headerValue).optional(),
  /** Answers with a redirect to this URL. */
  redirect: headerValue.optional(),
});

export type Fault = z.input<typeof faultSchema>;
type ParsedFault = z.output<typeof faultSchema>;

/** The faults that are still to be injected, in the order in which they were added. */
export class FaultQueue {
  readonly #pending: { fault: ParsedFault; after: number; times: number }[] = [];

  add(fault: ParsedFault): void {
    this.#pending.push({ fault, after: fault.after, times: fault.times });
  }

  /** The fault to inject into this request; null if there is none. */
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
 * The response that a fault sends instead of processing the request: a redirect or a page of HTML.
 * Null if it only delays, changes or cuts the real response.
 *
 * @throws MetaError if the fault is one of Meta's errors
 */
export function faultReply(fault: ParsedFault): HttpReply | null {
  if (fault.redirect !== undefined) {
    return { status: fault.status ?? 302, headers: { Location: fault.redirect }, body: '' };
  }
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
  throw new MetaError(fault.status ?? defaultStatus(code), {
    message: fault.message ?? `(#${code}) A fault that the sandbox was asked to show`,
    type: 'OAuthException',
    code,
    error_subcode: fault.subcode,
    is_transient: fault.is_transient ?? (TRANSIENT.includes(code) ? true : undefined),
  });
}

function defaultCode(status: number): number {
  if (status >= 500) return 2;
  return { 401: 190, 403: 200, 429: 4 }[status] ?? 100;
}

/** Service down, and limits of the app, the user, the Page, the application and WhatsApp. */
const OUTAGES: readonly number[] = [1, 2];
const RATE_LIMITS: readonly number[] = [4, 17, 32, 341, 80007];
const TRANSIENT = [...OUTAGES, ...RATE_LIMITS];

function defaultStatus(code: number): number {
  if (OUTAGES.includes(code)) return 500;
  if (RATE_LIMITS.includes(code)) return 429;
  if (code === 102 || code === 190) return 401;
  if (code === 10 || (code >= 200 && code <= 299)) return 403;
  return 400;
}
