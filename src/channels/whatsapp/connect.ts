import type { Connector, ConnectPlan, ConnectStep, ConnectTarget } from '../channel.ts';
import { makePin, readNumber, registerNumber, subscribeApp } from './calls.ts';

/** A number is registered with its PIN, and the app subscribed to the webhooks of its WABA. */
export const connector: Connector = {
  async plan({ graph, credentials, config, steps }: ConnectTarget): Promise<ConnectPlan> {
    const ids = {
      phoneNumberId: String(config.phone_number_id),
      wabaId: String(config.waba_id),
    };
    // Reading both tells a wrong id or a token without the permission before anything is changed.
    const [number] = await Promise.all([
      readNumber(graph, credentials, ids),
      graph.call('getWaba', { waba_id: ids.wabaId, fields: 'id,name' }, credentials),
    ]);
    // Calls to register are counted, and one that was already answered is not made again.
    const toRegister = steps.has('register') && !number.isRegistered;
    const register: ConnectStep = {
      done: 'registered the number',
      run: (pin) => registerNumber(graph, credentials, ids, pin),
    };
    const subscribe: ConnectStep = {
      done: "subscribed the app to the WABA's webhooks",
      run: () => subscribeApp(graph, credentials, ids),
    };
    return {
      displayName: number.verifiedName,
      secret: toRegister ? { field: 'pin', label: 'PIN', make: makePin } : null,
      steps: [...(toRegister ? [register] : []), ...(steps.has('subscribe') ? [subscribe] : [])],
    };
  },
};
