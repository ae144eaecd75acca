import type { OperationName } from '../../graph/operations/index.ts';

/** One request with its body read to the end. */
export interface HttpRequest {
  method: string;
  /** The address that was called, without its query. */
  address: string;
  /** Path behind the prefix of the service: `/v26.0/me/accounts`. */
  path: string;
  query: URLSearchParams;
  headers: Record<string, string>;
  body: string;
}

export interface HttpReply {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** What a request asks for. `run` does the work; until then nothing has changed. */
export interface Route {
  operation: OperationName | null;
  run(): HttpReply | Promise<HttpReply>;
}

/** One of Meta's servers, as the sandbox stands in for it. */
export type Router = (request: HttpRequest) => Route;

export function jsonReply(
  status: number,
  value: unknown,
  headers: Record<string, string> = {},
): HttpReply {
  return {
    status,
    headers: { 'Content-Type': 'application/json; charset=UTF-8', ...headers },
    body: JSON.stringify(value),
  };
}

/** @param nonce of the page's own script; without one it can run none */
export function htmlReply(status: number, page: string, nonce?: string): HttpReply {
  const script = nonce === undefined ? '' : ` script-src 'nonce-${nonce}';`;
  return {
    status,
    headers: {
      'Content-Type': 'text/html; charset=UTF-8',
      // No form-action: browsers hold it against the redirect that follows the form as well.
      'Content-Security-Policy': `default-src 'none';${script} style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'`,
      'Referrer-Policy': 'no-referrer',
    },
    body: page,
  };
}
