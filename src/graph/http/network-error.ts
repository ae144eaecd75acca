import { systemCode } from '../../shared/errors.ts';
import type { Operation, Service } from '../operations/operation.ts';
import { ProxyError } from './fetch.ts';
import type { Route } from './route.ts';
import { ResponseTooLargeError, TimeoutError } from './transport.ts';

/** The request that got no response. */
export interface FailedRequest {
  operation: Operation;
  route: Route;
  /** Milliseconds that a request may take. */
  timeLimit: number;
}

export interface NetworkError {
  reason: string;
  hint: string;
  /** The system's error code, for `--debug`. */
  code: string;
  /** Whether a retry may succeed. */
  retryable: boolean;
}

const ADDRESS_SETTINGS: Readonly<Record<Service, string>> = {
  graph: 'CHANNELCTL_GRAPH_URL',
  instagram_api: 'CHANNELCTL_INSTAGRAM_API_URL',
  instagram_graph: 'CHANNELCTL_INSTAGRAM_GRAPH_URL',
};

/** Error codes of failed TLS connections. */
export const TLS_CODES = /CERT|^UNABLE_TO_|^ERR_TLS_|^ERR_SSL_|^EPROTO$/;

/** Error codes of host names that could not be resolved. */
export const DNS_CODES = /^(ENOTFOUND|EAI_\w+)$/;

/**
 * The meaning of Node's error codes. `end` is the other end of the connection: the server or the
 * proxy.
 */
const FAILURES: readonly {
  codes: RegExp;
  reason(end: string, code: string, host: string): string;
  hint: (attempt: FailedRequest) => string;
  retryable: boolean;
}[] = [
  {
    codes: TLS_CODES,
    reason: (_, code, host) => `No secure connection to ${host} could be made (${code}).`,
    hint: () =>
      'Check the clock of this machine; where a proxy inspects TLS, name its CA certificate in NODE_EXTRA_CA_CERTS.',
    retryable: false,
  },
  {
    codes: DNS_CODES,
    reason: (end, code) => `The name of ${end} was not found (${code}).`,
    hint: checkSettings,
    retryable: true,
  },
  {
    codes: /^ECONNREFUSED$/,
    reason: (end, code) => `The connection was refused by ${end} (${code}).`,
    hint: checkSettings,
    retryable: true,
  },
  {
    codes: /^(E(HOST|NET)(UNREACH|DOWN)|EADDRNOTAVAIL)$/,
    reason: (end, code) => `There is no way to ${end} from here (${code}).`,
    hint: checkSettings,
    retryable: true,
  },
  {
    codes: /^(ETIMEDOUT|ERR_SOCKET_CONNECTION_TIMEOUT)$/,
    reason: (end, code) => `No connection to ${end} was made in time (${code}).`,
    hint: checkSettings,
    retryable: true,
  },
  {
    codes: /^(ECONNRESET|ECONNABORTED|EPIPE|ERR_STREAM_PREMATURE_CLOSE)$/,
    reason: (end, code) =>
      `The connection to ${end} was cut before the answer was complete (${code}).`,
    hint: tryAgain,
    retryable: true,
  },
  {
    codes: /^HPE_\w+$/,
    reason: (end, code) => `No proper HTTP came from ${end} (${code}).`,
    hint: checkSettings,
    retryable: true,
  },
];

/** Explains why a request got no response, from the error that the network layer threw. */
export function networkErrorOf(error: unknown, attempt: FailedRequest): NetworkError {
  const { host, proxyHost } = attempt.route;
  if (error instanceof TimeoutError) {
    const reason = `${host} did not answer in full within ${attempt.timeLimit / 1000} seconds.`;
    return { code: error.name, reason, hint: tryAgain(attempt), retryable: true };
  }
  if (error instanceof ResponseTooLargeError) {
    const reason = `The answer of ${host} is too large to be one of Meta's.`;
    return { code: error.name, reason, hint: checkSettings(attempt), retryable: false };
  }
  if (error instanceof ProxyError) {
    return {
      code: `HTTP ${error.status}`,
      reason: `The proxy ${proxyHost} would not connect to ${host} (HTTP ${error.status}).`,
      hint: hintForProxy(error.status),
      retryable: error.status >= 500,
    };
  }
  const code = codeOf(error);
  const end = proxyHost === null ? host : `the proxy ${proxyHost}`;
  const failure = FAILURES.find(({ codes }) => codes.test(code));
  return {
    code,
    reason: failure?.reason(end, code, host) ?? `The request to ${host} failed (${code}).`,
    hint: (failure?.hint ?? tryAgain)(attempt),
    retryable: failure?.retryable ?? true,
  };
}

function hintForProxy(status: number): string {
  return status === 407
    ? 'Put the user name and password for the proxy into HTTPS_PROXY or HTTP_PROXY.'
    : 'Ask those who run the proxy to allow the host, or name the host in NO_PROXY.';
}

function checkSettings({ operation, route }: FailedRequest): string {
  return route.proxyHost === null
    ? `Check the network and ${ADDRESS_SETTINGS[operation.service]}; where only a proxy leads out, set HTTPS_PROXY.`
    : 'Check the network and HTTPS_PROXY, HTTP_PROXY and NO_PROXY.';
}

/** A call that may have arrived, and can do harm if repeated, is left to the user. */
function tryAgain(attempt: FailedRequest): string {
  const { repeatable, parameters } = attempt.operation;
  if (repeatable) return `Try again. ${checkSettings(attempt)}`;
  return 'code' in parameters.shape
    ? 'The code works once, and may be used up: sign in again for a new one.'
    : 'Meta may have carried it out all the same: check before you run it again.';
}

/** The code of the innermost error that has one. */
export function codeOf(error: unknown): string {
  const errors = causeChain(error);
  const codes = errors.flatMap((one) => systemCode(one) ?? []);
  return codes.at(-1) ?? errors.at(-1)?.name ?? 'unknown';
}

/** An error, its cause, the cause of that, and so on. */
function causeChain(error: unknown): Error[] {
  const errors: Error[] = [];
  for (let one = error; one instanceof Error && !errors.includes(one); one = one.cause) {
    errors.push(one);
  }
  return errors;
}
