import type { OperationName } from '../../graph/operations/index.ts';

export interface HttpRequest {
  method: string;
  /** The requested URL without its query. */
  url: string;
  servicePath: string;
  /** The path without the prefix of its service, such as `/v26.0/me/accounts`. */
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

export interface BatchCall {
  method: string;
  /** Path and query, with or without a leading slash and a version. */
  relative_url: string;
  body?: string | undefined;
  /** The token of the batch request, which applies unless `relative_url` contains one. */
  token: string;
}

/** Makes one call of a batch request. Returns null if the call times out. */
export type Dispatch = (call: BatchCall) => Promise<HttpReply | null>;

/** The operation of a request. Nothing changes until `run` is called. */
export interface Route {
  operation: OperationName | null;
  run(dispatch: Dispatch): HttpReply | Promise<HttpReply>;
}

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

/** @param nonce the nonce of the page's own script; if omitted, scripts are blocked */
export function htmlReply(status: number, page: string, nonce?: string): HttpReply {
  const script = nonce === undefined ? '' : ` script-src 'nonce-${nonce}';`;
  return {
    status,
    headers: {
      'Content-Type': 'text/html; charset=UTF-8',
      // No form-action directive: browsers would also apply it to the redirect after the form is
      // submitted.
      'Content-Security-Policy': `default-src 'none';${script} style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'`,
      'Referrer-Policy': 'no-referrer',
    },
    body: page,
  };
}
