import { usageError } from '../../shared/errors.ts';
import type { Connector, ConnectPlan, ConnectStep, ConnectTarget } from '../channel.ts';
import { generatePin, isWrongPin, mayBelongToWaba, readNumber, registerNumber } from './api.ts';
import { readIsSubscribed, subscribeQuestion, whatsappLevels } from './levels.ts';
import type { NumberIds } from './number.ts';
import { assertRegistrable, BUSINESS_APP_KEY, staysInBusinessApp } from './registration.ts';

/** Registers a number with its PIN and subscribes the app to the webhooks of its WABA. */
export const connector: Connector = {
  async plan(target: ConnectTarget): Promise<ConnectPlan> {
    const { graph, credentials, config, accounts, steps } = target;
    const ids = {
      phoneNumberId: String(config.phone_number_id),
      wabaId: String(config.waba_id),
    };
    // Detects a wrong ID or a missing permission before anything is changed.
    const [number, isSubscribed, mayBelong] = await Promise.all([
      readNumber(graph, credentials, ids),
      steps.has('subscribe') && readIsSubscribed(target),
      mayBelongToWaba(graph, credentials, ids),
      graph.call('getWaba', { waba_id: ids.wabaId, fields: 'id,name' }, credentials),
    ]);
    if (!mayBelong) throw foreignNumber(ids);
    // Meta limits the calls to register a number.
    const isInBusinessApp = number.isInBusinessApp || staysInBusinessApp(config);
    const toRegister = steps.has('register') && (isInBusinessApp || !number.isRegistered);
    if (toRegister) {
      assertRegistrable(
        { ...number, isInBusinessApp },
        'To connect it without registration, pass --no-register.',
      );
    }
    const register: ConnectStep = {
      done: 'registered the number',
      run: (pin) => registerNumber(graph, credentials, ids, pin),
    };
    const subscribe: ConnectStep = {
      done: "subscribed the app to the WABA's webhooks",
      run: () => whatsappLevels.subscribe(target),
    };
    const toSubscribe = steps.has('subscribe') && !isSubscribed;
    return {
      displayName: number.verifiedName,
      config: number.isInBusinessApp ? { [BUSINESS_APP_KEY]: true } : {},
      secret: toRegister
        ? {
            field: 'pin',
            label: 'PIN',
            make: generatePin,
            isRefused: isWrongPin,
          }
        : null,
      question: toSubscribe ? subscribeQuestion(config, accounts) : null,
      done: [
        ...(number.isRegistered ? [register.done] : []),
        ...(isSubscribed ? [subscribe.done] : []),
      ],
      steps: [...(toRegister ? [register] : []), ...(toSubscribe ? [subscribe] : [])],
    };
  },
};

function foreignNumber({ phoneNumberId, wabaId }: NumberIds) {
  return usageError(`The number ${phoneNumberId} does not belong to the WABA ${wabaId}.`, {
    reason: 'The token has access to both, but Meta does not list the number in the WABA.',
    hint: 'Correct phone_number_id or waba_id; WhatsApp Manager shows the numbers of each WABA.',
  });
}
