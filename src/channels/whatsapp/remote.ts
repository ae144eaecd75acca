import type { RemoteAccount, RemoteApi } from '../meta/remote.ts';
import { readNumber, registerNumber } from './api.ts';
import { ensureSubscribed, whatsappLevels } from './levels.ts';
import { ownSubscription, readSubscribedApps, type SubscribedApp } from './read-webhooks.ts';
import { assertRegistrable, BUSINESS_APP_KEY } from './registration.ts';
import { isUnregistered } from './rules.ts';

const REMEMBER_HINT = `Set ${BUSINESS_APP_KEY}: true in the configuration of the account.`;

/**
 * Creates the API that reads and changes the registration of a number, its webhook URL, and the
 * subscription of its WABA. The apps of a WABA are read only once per token.
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
  const inTurn = turns();
  return {
    async read(account) {
      const { graph, credentials } = account;
      const [number, apps] = await Promise.all([
        readNumber(graph, credentials, numberIds(account)),
        subscribedApps(account),
      ]);
      return {
        displayName: number.verifiedName,
        subscription: {
          of: `waba ${account.config.waba_id}`,
          ...ownSubscription(apps, account.appId),
        },
        urls: number.urls,
        menu: null,
        registered: !isUnregistered(number),
        isNeverRegistered: number.isInBusinessApp,
      };
    },
    async tryToken(account) {
      const { graph, credentials } = account;
      const { phoneNumberId: phone_number_id, wabaId: waba_id } = numberIds(account);
      await Promise.all([
        graph.call('getPhoneNumber', { phone_number_id, fields: 'id' }, credentials),
        graph.call('getWaba', { waba_id, fields: 'id' }, credentials),
      ]);
    },
    subscribe: (account, { override }) =>
      inTurn(account, async () => {
        const isSubscribed = await ensureSubscribed(account);
        if (override === undefined) return;
        if (override !== null) await whatsappLevels.set(account, 'waba', override);
        else if (isSubscribed) await whatsappLevels.clear(account, 'waba');
      }),
    setOwnUrl: (account, target, subscribeFirst) =>
      inTurn(account, async () => {
        if (subscribeFirst) await ensureSubscribed(account);
        await whatsappLevels.set(account, 'number', target);
      }),
    async register(account, pin) {
      const { graph, credentials } = account;
      const ids = numberIds(account);
      const state = await readNumber(graph, credentials, ids);
      assertRegistrable(state, REMEMBER_HINT);
      await registerNumber(graph, credentials, ids, pin);
    },
  };
}

function numberIds({ config }: RemoteAccount) {
  return { phoneNumberId: String(config.phone_number_id), wabaId: String(config.waba_id) };
}

/**
 * Returns a function that makes the changes of one WABA in turn. Otherwise, a plain subscription
 * could remove an override that was set after the subscriptions were read.
 */
function turns() {
  const last = new Map<string, Promise<unknown>>();
  return async ({ config }: RemoteAccount, change: () => Promise<void>): Promise<void> => {
    const id = String(config.waba_id);
    const turn = (last.get(id) ?? Promise.resolve()).then(change, change);
    last.set(id, turn);
    await turn;
  };
}
