import { ChannelctlError, type GraphErrorBody } from './errors.ts';

export type Severity = 'error' | 'warning';

/**
 * Marks a problem that only means that Meta could not be queried. As a symbol, it is copied with the
 * problem, but not printed.
 */
const OUTAGE = Symbol('outage');

/** The error of a secret that must not be read, which determines the exit code of the command. */
const STORAGE_ERROR = Symbol('storage error');

export interface Problem<Part extends string = string> {
  part: Part;
  severity: Severity;
  message: string;
  hint: string;
  graph: GraphErrorBody | null;
  [OUTAGE]?: true;
  [STORAGE_ERROR]?: ChannelctlError;
}

export interface CheckResult {
  problems: Problem[];
  details: CheckDetails;
}

interface CheckDetails extends Readonly<Record<string, unknown>> {
  /** ISO 8601; null if unknown. */
  token_expires_at?: unknown;
}

export type Result<Value> = { value: Value; error: null } | { value: null; error: ChannelctlError };

/**
 * Returns the value, or an error that affects only this call.
 *
 * @throws any other error, such as an interruption or a locked keychain
 */
export async function resultOf<Value>(work: Promise<Value>): Promise<Result<Value>> {
  try {
    return { value: await work, error: null };
  } catch (error) {
    if (!isLocalError(error)) throw error;
    return { value: null, error };
  }
}

/** Whether other accounts can still be checked after this error. */
export function isLocalError(error: unknown): error is ChannelctlError {
  if (!(error instanceof ChannelctlError)) return false;
  return error.isLocal || !['cancelled', 'internal', 'storage'].includes(error.kind);
}

export function problem(part: string, severity: Severity, message: string, hint: string): Problem {
  return { part, severity, message, hint, graph: null };
}

export function problemOf<Part extends string>(part: Part, error: ChannelctlError): Problem<Part> {
  const { description, hint, graph } = error;
  const own: Problem<Part> = { part, severity: 'error', message: description, hint, graph };
  if (error.kind === 'storage') own[STORAGE_ERROR] = error;
  return markOutage(own, error);
}

/**
 * Returns the first error of kind `storage`, such as that of a secret that was stored for another
 * account; undefined if there is none.
 */
export function findStorageError(problems: readonly Problem[]): ChannelctlError | undefined {
  return problems.find((one) => one[STORAGE_ERROR] !== undefined)?.[STORAGE_ERROR];
}

export function markOutage<Marked extends Problem>(
  problem: Marked,
  error: ChannelctlError,
): Marked {
  return error.isOutage ? { ...problem, [OUTAGE]: true } : problem;
}

/** Returns the kind of a result whose problems include an error. */
export function failureKind(
  results: readonly { problems: readonly Problem[] }[],
): 'storage' | 'unhealthy' {
  const isUnreadable = results.some(({ problems }) => findStorageError(problems) !== undefined);
  return isUnreadable ? 'storage' : 'unhealthy';
}

export function isOutage(problem: Problem): boolean {
  return problem[OUTAGE] === true;
}

export function isHealthy(problems: readonly Pick<Problem, 'severity'>[]): boolean {
  return problems.every(({ severity }) => severity !== 'error');
}

export function worstSeverity(problems: readonly Pick<Problem, 'severity'>[]): Severity | null {
  if (problems.length === 0) return null;
  return isHealthy(problems) ? 'warning' : 'error';
}
