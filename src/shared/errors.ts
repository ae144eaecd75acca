export type ErrorKind =
  | 'internal'
  | 'usage'
  | 'not_found'
  | 'not_allowed'
  | 'graph'
  | 'unhealthy'
  | 'conflict'
  | 'storage'
  | 'cancelled';

export const EXIT_CODES: Readonly<Record<ErrorKind, number>> = {
  internal: 1,
  usage: 2,
  not_found: 3,
  not_allowed: 4,
  graph: 5,
  unhealthy: 6,
  conflict: 7,
  storage: 8,
  cancelled: 130,
};

/** The fields of an error from Meta. A field that Meta did not set is null. */
export interface GraphErrorBody {
  status: number | null;
  code: number | null;
  subcode: number | null;
  type: string | null;
  message: string | null;
  /** `error_data.details`: often the cause, if `message` is only a title. */
  details: string | null;
  user_title: string | null;
  user_message: string | null;
  fbtrace_id: string | null;
  is_transient: boolean | null;
}

export function graphErrorOf(fields: Partial<GraphErrorBody>): GraphErrorBody {
  return {
    status: null,
    code: null,
    subcode: null,
    type: null,
    message: null,
    details: null,
    user_title: null,
    user_message: null,
    fbtrace_id: null,
    is_transient: null,
    ...fields,
  };
}

export interface ErrorParts {
  /** Why the operation failed: one sentence. Omitted if it adds nothing to the message. */
  reason?: string;
  /** The next step: one sentence that names a command or setting. Omitted if there is none. */
  hint?: string;
  graph?: GraphErrorBody | null;
  /** A name that matches nothing, and the known ones: the closest are named with the error. */
  misspelt?: { word: string; known: readonly string[] } | undefined;
  /** Whether the network or Meta's service failed, so that nothing is known about the request. */
  isOutage?: boolean;
  /** Whether the error concerns only one account or integration, whatever its kind. */
  isLocal?: boolean;
  cause?: unknown;
}

/**
 * An error to report: `message` (what failed), `reason` (why) and `hint` (the next step), one line
 * each. The reason and the hint can be empty.
 */
export class ChannelctlError extends Error {
  override readonly name: string = 'ChannelctlError';
  readonly kind: ErrorKind;
  readonly reason: string;
  readonly hint: string;
  readonly graph: GraphErrorBody | null;
  readonly misspelt: ErrorParts['misspelt'];
  readonly isOutage: boolean;
  readonly isLocal: boolean;

  constructor(kind: ErrorKind, message: string, parts: ErrorParts = {}) {
    super(message, parts.cause === undefined ? undefined : { cause: parts.cause });
    this.kind = kind;
    this.reason = parts.reason ?? '';
    this.hint = parts.hint ?? '';
    this.graph = parts.graph ?? null;
    this.misspelt = parts.misspelt;
    this.isOutage = parts.isOutage ?? false;
    this.isLocal = parts.isLocal ?? false;
  }

  get description(): string {
    return `${this.message} ${this.reason}`.trim();
  }

  with(parts: Partial<ErrorParts> & { message?: string }): ChannelctlError {
    const { message = this.message, ...rest } = parts;
    const { kind, reason, hint, graph, misspelt, isOutage, isLocal, cause } = this;
    const own = { reason, hint, graph, misspelt, isOutage, isLocal, cause };
    const error = new ChannelctlError(kind, message, { ...own, ...rest });
    if (this.stack !== undefined) error.stack = this.stack;
    return error;
  }
}

/**
 * Returns an error for wrong usage or invalid input that is found before anything changes. Exit
 * code 2.
 */
export function usageError(message: string, parts?: ErrorParts): ChannelctlError {
  return new ChannelctlError('usage', message, parts);
}

/** Returns an error for state or secrets that cannot be read or written. Exit code 8. */
export function storageError(message: string, parts?: ErrorParts): ChannelctlError {
  return new ChannelctlError('storage', message, parts);
}

/** Returns an error for an interrupted command or a cancelled prompt. Exit code 130. */
export function cancelledError(): ChannelctlError {
  return new ChannelctlError('cancelled', 'Cancelled.', {
    hint: 'Run the same command again to start over.',
  });
}

export function systemCode(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
