import { usageError } from '../../shared/errors.ts';
import type { Connector, ConnectPlan, ConnectStep, ConnectTarget } from '../channel.ts';
import {
  generatePin,
  isWrongPin,
  mayBelongToWaba,
  readNumber,
  registerNumber,
  subscribeApp,
} from './api.ts';
import type { NumberIds } from './number.ts';

/** Registers a number with its PIN and subscribes the app to the webhooks of its WABA. */
export const connector: Connector = {
  async plan({ graph, credentials, config, steps }: ConnectTarget): Promise<ConnectPlan> {
    const ids = {
      phoneNumberId: String(config.phone_number_id),
      wabaId: String(config.waba_id),
    };
    // Detects a wrong ID or a missing permission before anything is changed.
    const [number, , mayBelong] = await Promise.all([
      readNumber(graph, credentials, ids),
      graph.call('getWaba', { waba_id: ids.wabaId, fields: 'id,name' }, credentials),
      mayBelongToWaba(graph, credentials, ids),
    ]);
    if (!mayBelong) throw foreignNumber(ids);
    // Meta limits the calls to register a number.
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
      secret: toRegister
        ? {
            field: 'pin',
            label: 'PIN',
            make: generatePin,
            isRefused: isWrongPin,
          }
        : null,
      done: number.isRegistered ? [register.done] : [],
      steps: [...(toRegister ? [register] : []), ...(steps.has('subscribe') ? [subscribe] : [])],
    };
  },
};

function foreignNumber({ phoneNumberId, wabaId }: NumberIds) {
  return usageError(`The number ${phoneNumberId} does not belong to the WABA ${wabaId}.`, {
    reason: 'The token has access to both, but Meta does not list the number in the WABA.',
    hint: 'Correct phone_number_id or waba_id; WhatsApp Manager shows the numbers of each WABA.',
  });
}
