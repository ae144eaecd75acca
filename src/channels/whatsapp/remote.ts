import type { Credentials, Graph } from '../../graph/graph.ts';
import type { RemoteAccount, RemoteApi } from '../meta/remote.ts';
import { registerNumber } from './api.ts';
import { ensureSubscribed, whatsappLevels } from './levels.ts';
import { ownSubscription, readSubscribedApps, type SubscribedApp } from './read-webhooks.ts';
import { isUnregistered } from './rules.ts';

/**
 * The registration of a number and the webhook subscription of its WABA. The apps of a WABA are read
 * only once.
 */
export function whatsappRemoteApi(): RemoteApi {
  const reads = new Map<string, Promise<SubscribedApp[]>>();
  const subscribedApps = ({ graph, credentials, config }: RemoteAccount) => {
    const waba_id = String(config.waba_id);
    const key = `${waba_id} ${credentials.token}`;
    const apps = reads.get(key) ?? readSubscribedApps(graph, waba_id, credentials);
    reads.set(key, apps);
    return apps;
  };
  return {
    async read(account) {
      const { graph, credentials } = account;
      const [number, apps] = await Promise.all([
        readNumber(graph, credentials, account),
        subscribedApps(account),
      ]);
      return {
        displayName: number.verified_name || null,
        subscription: {
          of: `waba ${account.config.waba_id}`,
          ...ownSubscription(apps, account.appId),
        },
        menu: null,
        registered: !isUnregistered(number),
      };
    },
    async subscribe(account, { override }) {
      const isSubscribed = await ensureSubscribed(account);
      if (override === undefined) return;
      if (override !== null) await whatsappLevels.set(account, 'waba', override);
      else if (isSubscribed) await whatsappLevels.clear(account, 'waba');
    },
    async register(account, pin) {
      await registerNumber(account.graph, account.credentials, numberIds(account), pin);
    },
  };
}

function readNumber(graph: Graph, credentials: Credentials, { config }: RemoteAccount) {
  const phone_number_id = String(config.phone_number_id);
  const fields = 'id,verified_name,status';
  return graph.call('getPhoneNumber', { phone_number_id, fields }, credentials);
}

function numberIds({ config }: RemoteAccount) {
  return { phoneNumberId: String(config.phone_number_id), wabaId: String(config.waba_id) };
}
