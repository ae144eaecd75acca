import { type ChannelctlError, systemCode } from '../../shared/errors.ts';
import type { Operation, Service } from '../operations/operation.ts';
import { ProxyError } from './fetch.ts';
import type { Route } from './route.ts';
import { ResponseTooLargeError, TimeoutError } from './transport.ts';

export interface FailedRequest {
  operation: Operation;
  route: Route;
  /** The time limit of the request, in milliseconds. */
  timeLimit: number;
}

export interface NetworkError {
  reason: string;
  hint: string;
  code: string;
  retryable: boolean;
}

export const URL_VARIABLES: Readonly<Record<Service, string>> = {
  graph: 'CHANNELCTL_GRAPH_URL',
  instagram_api: 'CHANNELCTL_INSTAGRAM_API_URL',
  instagram_graph: 'CHANNELCTL_INSTAGRAM_GRAPH_URL',
};

export const TLS_CODES = /CERT|^UNABLE_TO_|^ERR_TLS_|^ERR_SSL_|^EPROTO$/;

export const DNS_CODES = /^(ENOTFOUND|EAI_\w+)$/;

/** The meaning of Node's error codes. `peer` is the server or proxy that Node connects to. */
const FAILURES: readonly {
  codes: RegExp;
  reason(peer: string, code: string, host: string): string;
  hint: (attempt: FailedRequest) => string;
  retryable: boolean;
}[] = [
  {
    codes: TLS_CODES,
    reason: (_, code, host) => `Could not establish a secure connection to ${host} (${code}).`,
    hint: () =>
      "Check this machine's clock. If a proxy inspects TLS, set NODE_EXTRA_CA_CERTS to its CA certificate.",
    retryable: false,
  },
  {
    codes: DNS_CODES,
    reason: (peer, code) => `Could not resolve ${peer} (${code}).`,
    hint: checkSettings,
    retryable: true,
  },
  {
    codes: /^ECONNREFUSED$/,
    reason: (peer, code) => `The connection to ${peer} was refused (${code}).`,
    hint: checkSettings,
    retryable: true,
  },
  {
    codes: /^(E(HOST|NET)(UNREACH|DOWN)|EADDRNOTAVAIL)$/,
    reason: (peer, code) => `Could not reach ${peer} (${code}).`,
    hint: checkSettings,
    retryable: true,
  },
  {
    codes: /^(ETIMEDOUT|ERR_SOCKET_CONNECTION_TIMEOUT)$/,
    reason: (peer, code) => `The connection to ${peer} timed out (${code}).`,
    hint: checkSettings,
    retryable: true,
  },
  {
    codes: /^(ECONNRESET|ECONNABORTED|EPIPE|ERR_STREAM_PREMATURE_CLOSE)$/,
    reason: (peer, code) =>
      `The connection to ${peer} was closed before the response was complete (${code}).`,
    hint: tryAgain,
    retryable: true,
  },
  {
    codes: /^HPE_\w+$/,
    reason: (peer, code) => `The response from ${peer} is not valid HTTP (${code}).`,
    hint: checkSettings,
    retryable: true,
  },
];

export function networkErrorOf(error: unknown, attempt: FailedRequest): NetworkError {
  const { host, proxyHost } = attempt.route;
  if (error instanceof TimeoutError) {
    const reason = `${host} did not send a complete response within ${attempt.timeLimit / 1000} seconds.`;
    return { code: error.name, reason, hint: tryAgain(attempt), retryable: true };
  }
  if (error instanceof ResponseTooLargeError) {
    const reason = `The response from ${host} is too large to be from Meta (more than 4 MB).`;
    return { code: error.name, reason, hint: checkSettings(attempt), retryable: false };
  }
  if (error instanceof ProxyError) {
    return {
      code: `HTTP ${error.status}`,
      reason: `The proxy ${proxyHost} refused to connect to ${host} (HTTP ${error.status}).`,
      hint: hintForProxy(error.status),
      retryable: error.status >= 500,
    };
  }
  const code = codeOf(error);
  const peer = proxyHost === null ? host : `the proxy ${proxyHost}`;
  const failure = FAILURES.find(({ codes }) => codes.test(code));
  return {
    code,
    reason: failure?.reason(peer, code, host) ?? `The request to ${host} failed (${code}).`,
    hint: (failure?.hint ?? tryAgain)(attempt),
    retryable: failure?.retryable ?? true,
  };
}

function hintForProxy(status: number): string {
  return status === 407
    ? "Include the proxy's username and password in HTTPS_PROXY or HTTP_PROXY."
    : "Ask the proxy's administrator to allow the host, or add the host to NO_PROXY.";
}

function checkSettings(attempt: FailedRequest): string {
  return `Check ${settingsOf(attempt)}`;
}

function settingsOf({ operation, route }: FailedRequest): string {
  return route.proxyHost === null
    ? `your network connection and ${URL_VARIABLES[operation.service]}. If your network requires a proxy, set HTTPS_PROXY.`
    : 'your network connection and the variables HTTPS_PROXY, HTTP_PROXY and NO_PROXY.';
}

/** Returns a hint to try again, unless the call may have arrived and must not be repeated. */
function tryAgain(attempt: FailedRequest): string {
  const { repeatable, parameters } = attempt.operation;
  if (repeatable) return `Try again. If the error persists, check ${settingsOf(attempt)}`;
  return 'code' in parameters.shape
    ? 'A sign-in code works only once and may have been used: sign in again to get a new one.'
    : 'Meta may have processed the request: check whether it did before you run the command again.';
}

/** Returns the error of an interrupted call, whose request Meta may have processed nevertheless. */
export function interruptedCall(error: ChannelctlError, operation: Operation): ChannelctlError {
  if (operation.method === 'GET') return error;
  return error.with({ reason: `Meta may have processed the request to ${operation.purpose}.` });
}

/**
 * Returns the code of the innermost error that has one; without a code, the name of the innermost
 * error.
 */
export function codeOf(error: unknown): string {
  const errors = causeChain(error);
  const codes = errors.flatMap((one) => systemCode(one) ?? []);
  return codes.at(-1) ?? errors.at(-1)?.name ?? 'unknown';
}

function causeChain(error: unknown): Error[] {
  const errors: Error[] = [];
  for (let one = error; one instanceof Error && !errors.includes(one); one = one.cause) {
    errors.push(one);
  }
  return errors;
}
