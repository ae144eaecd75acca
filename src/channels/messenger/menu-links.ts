import { isObject } from '../../shared/json.ts';
import { parseUrl } from '../../shared/url.ts';

interface MenuLink {
  path: string;
  url: URL;
  hasExtensions: boolean;
}

export function insecureLinksWarning(menu: unknown): { message: string; hint: string } | null {
  const paths = linksOf(menu).flatMap(({ path, url }) => (url.protocol === 'http:' ? path : []));
  if (paths.length === 0) return null;
  return {
    message: `The menu has unencrypted links (http:): ${paths.join(', ')}.`,
    hint: 'Use https: if the websites support it.',
  };
}

/**
 * Returns the hosts of buttons with `messenger_extensions` that are neither in the Page's
 * `whitelisted_domains` nor subdomains of one.
 *
 * Source: Messenger Platform, "Persistent Menu", properties.
 */
export function unlistedHosts(menu: unknown, whitelistedDomains: readonly string[]): string[] {
  const listed = whitelistedDomains.flatMap((domain) => {
    const url = parseUrl(domain.includes('://') ? domain : `https://${domain}`);
    return url === null ? [] : url.hostname;
  });
  const hosts = linksOf(menu).flatMap(({ url, hasExtensions }) =>
    hasExtensions ? url.hostname : [],
  );
  return [...new Set(hosts)].filter(
    (host) => !listed.some((known) => host === known || host.endsWith(`.${known}`)),
  );
}

/** Returns why Meta rejects a menu with these hosts, as the rest of a sentence about the menu. */
export function unlistedHostsReason(hosts: readonly string[]): string {
  return `has buttons with messenger_extensions for hosts that are not in the Page's whitelisted_domains: ${hosts.join(', ')}`;
}

function linksOf(menu: unknown): MenuLink[] {
  return itemsOf(menu).flatMap((entry, at) =>
    itemsOf(isObject(entry) ? entry.call_to_actions : null).flatMap((button, index) => {
      const url = isObject(button) && typeof button.url === 'string' ? parseUrl(button.url) : null;
      if (url === null || !isObject(button)) return [];
      const path = `persistent_menu[${at}].call_to_actions[${index}].url`;
      return [{ path, url, hasExtensions: button.messenger_extensions === true }];
    }),
  );
}

function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
