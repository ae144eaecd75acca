import type { StoredAccount } from '../../profile/types.ts';
import { usageError } from '../../shared/errors.ts';
import { listNames } from '../../shared/text.ts';
import {
  type LevelReading,
  type LevelsApi,
  NO_NUMBER_LEVEL,
  type NumberLevel,
  type OverrideLevel,
  type SubscribedAccount,
  subscriptionQuestion,
  type WebhookTarget,
} from '../meta/webhooks.ts';
import { readNumberLevel, readSubscribedApps, type SubscribedApp } from './read-webhooks.ts';

export const whatsappLevels: LevelsApi = {
  async read(account) {
    const [apps, number] = await Promise.all([readApps(account), readNumberLevel(account)]);
    return levelsOf(apps, number, account.appId);
  },
  async subscribe({ graph, credentials, config }) {
    await graph.call('subscribeWaba', { waba_id: String(config.waba_id) }, credentials);
  },
  async set(account, level, { url, verifyToken }: WebhookTarget) {
    const target = { override_callback_uri: url, verify_token: verifyToken };
    if (level === 'number') return setNumberUrl(account, target);
    const { graph, credentials, config } = account;
    await graph.call('subscribeWaba', { waba_id: String(config.waba_id), ...target }, credentials);
  },
  async clear(account, level: OverrideLevel) {
    if (level === 'number') return setNumberUrl(account, { override_callback_uri: '' });
    await whatsappLevels.subscribe(account); // A plain subscription removes the override.
  },
};

/**
 * Subscribes the app to the WABA's webhooks, unless it is subscribed. Does not remove an override.
 *
 * @param confirm called before subscribing
 * @returns whether the app was already subscribed
 */
export async function ensureSubscribed(
  account: SubscribedAccount,
  confirm: () => Promise<void> = async () => {},
): Promise<boolean> {
  const isSubscribed = await readIsSubscribed(account);
  if (isSubscribed) return true;
  await confirm();
  await whatsappLevels.subscribe(account);
  return false;
}

/** Whether the app is subscribed. If it is, subscribing again could remove its override. */
export async function readIsSubscribed(account: SubscribedAccount): Promise<boolean> {
  const apps = await readApps(account);
  if (apps.some(({ id }) => id === account.appId)) return true;
  if (!apps.some((app) => app.override_callback_uri)) return false;
  return levelsOf(apps, await readNumberLevel(account), account.appId).subscribed;
}

/**
 * Returns the question to ask before subscribing the app to a WABA that other accounts use,
 * because their webhooks are then sent too; null if there are no other accounts.
 */
export function subscribeQuestion(
  { phone_number_id, waba_id }: SubscribedAccount['config'],
  accounts: readonly StoredAccount[],
): string | null {
  const others = accountsOfWaba(String(waba_id), accounts).filter(
    ({ config }) => String(config.phone_number_id) !== String(phone_number_id),
  );
  if (others.length === 0) return null;
  const names = listNames(others.map(({ account_key }) => `whatsapp/${account_key}`));
  return subscriptionQuestion(String(waba_id), names);
}

export function accountsOfWaba(
  wabaId: string,
  accounts: readonly StoredAccount[],
): StoredAccount[] {
  return accounts.filter(
    ({ channel, config }) => channel === 'whatsapp' && String(config.waba_id) === wabaId,
  );
}

function readApps({ graph, credentials, config }: SubscribedAccount): Promise<SubscribedApp[]> {
  return readSubscribedApps(graph, String(config.waba_id), credentials);
}

/**
 * Combines the app's URLs at each level. For a number, Meta reports only the URLs of the token's
 * app, so these are correct even if the app ID is unknown.
 *
 * @throws ChannelctlError `usage` if it is unknown whether an override belongs to the app
 */
function levelsOf(
  apps: readonly SubscribedApp[],
  number: NumberLevel,
  appId: string | null,
): LevelReading {
  const own = apps.find(({ id }) => appId !== null && id === appId);
  const waba = own?.override_callback_uri || number.waba;
  const isUnclear = appId === null && number === NO_NUMBER_LEVEL;
  if (isUnclear && apps.some((app) => app.override_callback_uri)) {
    throw usageError('The ID of your app is not set.', {
      reason: 'The WABA has a webhook override, which may belong to your app.',
      hint: 'Set it: channelctl integrations set whatsapp --config app_id=…',
    });
  }
  return { subscribed: own !== undefined || waba !== null, urls: { ...number, waba } };
}

async function setNumberUrl(
  { graph, credentials, config }: SubscribedAccount,
  webhook_configuration: { override_callback_uri: string; verify_token?: string },
): Promise<void> {
  const phone_number_id = String(config.phone_number_id);
  await graph.call('setNumberWebhook', { phone_number_id, webhook_configuration }, credentials);
}
