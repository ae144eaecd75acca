import type { Redactor } from '../../shared/redactor.ts';
import { createFetch, type Fetch } from './fetch.ts';
import { type Environment, proxyFor } from './proxy.ts';

export interface Route {
  fetch: Fetch;
  host: string;
  proxyHost: string | null;
}

/**
 * Returns the route to a URL: direct, or through the proxy in the environment.
 *
 * @throws ChannelctlError `usage` if that proxy is invalid
 */
export function routeTo(url: string, env: Environment, redactor: Redactor): Route {
  const target = new URL(url);
  const proxy = proxyFor(target, env);
  for (const secret of proxy?.secrets ?? []) redactor.add(secret);
  return { fetch: createFetch(proxy), host: target.host, proxyHost: proxy?.host ?? null };
}
