import { ownerName } from '../../accounts/secrets.ts';
import { channelNamed } from '../../channels/index.ts';
import { insecureLinksWarning } from '../../channels/messenger/menu-links.ts';
import type { RemoteState } from '../../channels/meta/remote.ts';
import { nearestUrl, sharesOverride } from '../../channels/meta/webhooks.ts';
import { isBelowUrl, sameUrl } from '../../shared/url.ts';
import { overrideLevel } from '../document/override.ts';
import type { Document } from '../document/schema.ts';
import { type ManagedAccount, managedAccounts } from './managed-accounts.ts';
import type { CurrentState, PlanNote, Step } from './steps.ts';

interface NoteOptions {
  webhookUrl(account: { channel: string; account_key: string }): string | null;
  baseUrl: string | null;
}

/**
 * Returns notes on remote state that the document cannot express, on the effects of its steps on
 * accounts that it omits, and on its menus.
 */
export function planNotes(
  document: Document,
  current: CurrentState,
  steps: readonly Step[],
  options: NoteOptions,
): PlanNote[] {
  const accounts = managedAccounts(document, current.state);
  return [
    ...accounts.flatMap((account) => {
      const remote = current.remoteStates.get(account.name);
      return remote === undefined ? [] : urlNotes(account, remote, options);
    }),
    ...affectedNotes(accounts, current, steps),
    ...menuNotes(document),
  ];
}

/**
 * Returns a note if Meta calls a URL other than the account's, and the document does not change
 * that.
 */
function urlNotes(
  { name, account, subscription, subscribed }: ManagedAccount,
  { urls, subscription: { override } }: RemoteState,
  { webhookUrl, baseUrl }: NoteOptions,
): PlanNote[] {
  if (urls === undefined || !subscribed) return [];
  const wanted = overrideLevel(subscription);
  const own = webhookUrl(account);
  const { url, source } = nearestUrl({
    number: wanted === 'number' ? null : urls.number,
    waba: wanted === undefined ? (override ?? urls.waba) : null,
    app: wanted === undefined || wanted === null ? urls.app : null,
  });
  if (url === null || source === null || (own !== null && sameUrl(url, own))) return [];
  const note = (message: string, hint: string) => [{ name, message, hint }];
  if (source === 'number') {
    return note(
      `Meta calls ${url}, the number's own URL, which the document does not change.`,
      `To clear it, run: channelctl webhooks unset ${name} --level number`,
    );
  }
  // A URL below the base URL needs no note, even if several accounts share it.
  if (baseUrl === null || isBelowUrl(url, baseUrl)) return [];
  if (source === 'waba') {
    return note(
      `Meta calls the WABA's URL, ${url}, which the document does not change.`,
      'To replace it, add override: waba or override: number.',
    );
  }
  return note(
    `Meta calls the app's URL, ${url}, which a document cannot set.`,
    `To change it, run: channelctl webhooks set ${name} --level app`,
  );
}

function menuNotes({ menus = {} }: Document): PlanNote[] {
  return Object.entries(menus).flatMap(([name, { persistent_menu }]) => {
    const warning = insecureLinksWarning(persistent_menu);
    return warning === null ? [] : [{ name, ...warning }];
  });
}

function affectedNotes(
  managed: readonly ManagedAccount[],
  { state: { accounts } }: CurrentState,
  steps: readonly Step[],
): PlanNote[] {
  const names = new Set(managed.map(({ name }) => name));
  const changed = new Set(
    steps.filter(({ remoteAction }) => remoteAction?.call === 'subscribe').map(({ name }) => name),
  );
  return managed.flatMap(({ name, account: { channel }, config }) => {
    if (!changed.has(name)) return [];
    const { override } = channelNamed(channel).webhooks ?? {};
    const others = accounts.filter(
      (one) => !names.has(ownerName(one)) && sharesOverride({ channel, config }, one, override),
    );
    return others.map((other) => ({
      name: ownerName(other),
      message: `The webhooks of this account change too, because it has the same WABA as ${name}.`,
      hint: `To give ${name} its own URL instead, use override: number.`,
    }));
  });
}
