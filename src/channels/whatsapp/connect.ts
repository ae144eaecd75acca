import type { Connector, ConnectPlan, ConnectStep, ConnectTarget } from '../channel.ts';
import { generatePin, isWrongPin, readNumber, registerNumber } from './api.ts';
import { readIsSubscribed, subscribeQuestion, whatsappLevels } from './levels.ts';
import { membershipError, readMembership } from './membership.ts';
import { PIN } from './pin.ts';
import { assertRegistrable, BUSINESS_APP_KEY, staysInBusinessApp } from './registration.ts';

export const connector: Connector = {
  async plan(target: ConnectTarget): Promise<ConnectPlan> {
    const { graph, credentials, config, accounts, steps } = target;
    const ids = {
      phoneNumberId: String(config.phone_number_id),
      wabaId: String(config.waba_id),
    };
    // Detects a wrong ID or a missing permission before anything is changed.
    const [membership, ...reads] = await Promise.allSettled([
      readMembership(graph, credentials, ids),
      readNumber(graph, credentials, ids),
      steps.has('subscribe') && readIsSubscribed(target),
      graph.call('getWaba', { waba_id: ids.wabaId, fields: 'id,name' }, credentials),
    ]);
    const belongs = settledValue(membership);
    const wrong = membershipError(ids, belongs, 'usage', 'Correct phone_number_id or waba_id.');
    // The other calls also fail for a portfolio, but with a less clear error.
    if (wrong !== null && belongs === 'portfolio') throw wrong;
    const [number, isSubscribed] = [settledValue(reads[0]), settledValue(reads[1])];
    settledValue(reads[2]);
    if (wrong !== null) throw wrong;
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
            ...PIN,
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

function settledValue<Value>(settled: PromiseSettledResult<Value>): Value {
  if (settled.status === 'rejected') throw settled.reason;
  return settled.value;
}
