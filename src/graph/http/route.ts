import type { Redactor } from '../../shared/redactor.ts';
import { createFetch, type Fetch } from './fetch.ts';
import { type Environment, proxyFor } from './proxy.ts';

/** How a server is reached. */
export interface Route {
  fetch: Fetch;
  /** Host and port of the server. */
  host: string;
  /** Host and port of the proxy; null where there is none. */
  proxyHost: string | null;
}

/**
 * The way to an address: straight, or through the proxy that the environment names.
 *
 * @throws a usage error where that proxy can't be used
 */
export function routeTo(address: string, env: Environment, redactor: Redactor): Route {
  const target = new URL(address);
  const proxy = proxyFor(target, env);
  for (const secret of proxy?.secrets ?? []) redactor.add(secret);
  return { fetch: createFetch(proxy), host: target.host, proxyHost: proxy?.host ?? null };
}
