import type { Credentials, Graph } from '../../graph/graph.ts';
import type { RemoteAccount, RemoteApi } from '../meta/remote.ts';
import { registerNumber, subscribeApp } from './api.ts';
import { ownSubscription, readSubscribedApps, type SubscribedApp } from './webhooks.ts';

/**
 * A number with any other status was registered once: Meta counts calls to register, and one that
 * is restricted is not helped by another.
 */
const NOT_REGISTERED: readonly string[] = ['PENDING', 'DISCONNECTED'];

/**
 * A number and its WABA: whether it is registered, and where the WABA's webhooks go. What several
 * numbers share is asked once.
 */
export function whatsappRemoteApi(): RemoteApi {
  const asked = new Map<string, Promise<SubscribedApp[]>>();
  const subscribedApps = ({ graph, credentials, config }: RemoteAccount) => {
    const waba_id = String(config.waba_id);
    const key = `${waba_id} ${credentials.token}`;
    const answer = asked.get(key) ?? readSubscribedApps(graph, waba_id, credentials);
    asked.set(key, answer);
    return answer;
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
          usualFields: [],
          ...ownSubscription(apps, account.appId),
        },
        menu: null,
        registered: !NOT_REGISTERED.includes(number.status ?? ''),
      };
    },
    async subscribe(account, { override }) {
      const webhooks = override && {
        override_callback_uri: override.address,
        verify_token: override.verifyToken,
      };
      const { graph, credentials } = account;
      await subscribeApp(graph, credentials, idsOf(account), webhooks ?? undefined);
    },
    async register(account, pin) {
      await registerNumber(account.graph, account.credentials, idsOf(account), pin);
    },
  };
}

function readNumber(graph: Graph, credentials: Credentials, { config }: RemoteAccount) {
  const phone_number_id = String(config.phone_number_id);
  const fields = 'id,verified_name,status';
  return graph.call('getPhoneNumber', { phone_number_id, fields }, credentials);
}

function idsOf({ config }: RemoteAccount) {
  return { phoneNumberId: String(config.phone_number_id), wabaId: String(config.waba_id) };
}
