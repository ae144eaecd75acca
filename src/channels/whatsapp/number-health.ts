import type { StoredAccount } from '../../profile/types.ts';
import { isHealthy, problemOf, type Result } from '../../shared/problem.ts';
import { reportedExpiry, type TokenExpiry, type TokenInspection } from '../meta/inspect-token.ts';
import { otherIssuer, withoutProofErrors } from '../meta/token-judgement.ts';
import {
  judgeWebhooks,
  subscriptionPart,
  type WebhookExpectation,
} from '../meta/webhook-judgement.ts';
import type { AppLevelReading, Delivery, NumberLevel, Subscription } from '../meta/webhooks.ts';
import { correctWaba, membershipError } from './membership.ts';
import type { NumberIds, WhatsAppAccount } from './number.ts';
import { ANY_APP, bySeverity, type NumberProblem, numberProblems } from './problems.ts';
import { ownSubscription, type SubscribedApp } from './read-webhooks.ts';
import { staysInBusinessApp } from './registration.ts';
import type { PhoneNumber, Waba } from './rules.ts';
import { businessTokenProblems } from './token-problems.ts';
import { whatsappWebhooks } from './webhooks.ts';

export interface Health {
  account_id: string;
  display_name: string | null;
  phone_number_id: string;
  waba_id: string;
  healthy: boolean;
  phone_number: PhoneNumber | null;
  waba: Waba | null;
  subscribed_apps: SubscribedApp[] | null;
  subscribed_ok: boolean | null;
  problems: NumberProblem[];
}

export interface NumberCheck {
  account: StoredAccount;
  health: Health;
  delivery: Delivery | null;
  tokenExpiry: TokenExpiry | null;
}

export interface NumberReading {
  phoneNumber: Result<PhoneNumber>;
  numberLevel: Result<NumberLevel>;
  waba: Result<Waba>;
  numberIds: Result<ReadonlySet<string>>;
  subscribedApps: Result<SubscribedApp[]>;
  app: AppLevelReading;
  token: Result<TokenInspection> | null;
}

export interface NumberExpectation extends Omit<WebhookExpectation, 'account' | 'webhooks'> {
  now: Date;
}

export function healthOf(
  { account, ids, name }: WhatsAppAccount,
  reading: NumberReading,
  options: NumberExpectation,
): NumberCheck {
  const { phoneNumber, numberLevel: number, waba, subscribedApps, app, token } = reading;
  const { appId } = options;
  const own: Result<Subscription> =
    subscribedApps.error === null
      ? { value: ownSubscription(subscribedApps.value, appId), error: null }
      : subscribedApps;
  const webhooks = { app, own, number };
  const judgement = judgeWebhooks(webhooks, { ...options, account, webhooks: whatsappWebhooks });
  const membership = membershipProblems(ids, reading, name);
  const isWabaWrong =
    membership.length > 0 || (waba.error !== null && waba.error.kind !== 'not_allowed');
  const isForeign = otherIssuer(token, appId) !== null;
  const reads = [
    ...numberProblems(phoneNumber, waba, name, staysInBusinessApp(account.config)),
    ...membership,
    // With a token of another app, subscribing again would subscribe that app.
    ...(isForeign ? [] : subscriptionPart('subscribed_apps', judgement, webhooks)),
  ];
  const problems = bySeverity([
    ...businessTokenProblems(token, account, { ...options, isWabaWrong }),
    ...(isForeign ? withoutProofErrors(reads) : reads),
    ...(appId === null ? [ANY_APP] : []),
  ]);
  const health = {
    account_id: account.id,
    display_name: account.display_name,
    phone_number_id: ids.phoneNumberId,
    waba_id: ids.wabaId,
    healthy: isHealthy(problems),
    phone_number: phoneNumber.value,
    waba: waba.value,
    subscribed_apps: subscribedApps.value,
    subscribed_ok: own.value?.subscribed ?? null,
    problems,
  };
  const { delivery } = judgement;
  // An app is subscribed, but perhaps not the configured one.
  const isUncertain = appId === null && delivery === 'subscribed';
  return {
    account,
    health,
    delivery: isUncertain ? 'incomplete' : delivery,
    tokenExpiry: reportedExpiry(token?.value ?? null),
  };
}

/**
 * Returns a problem only if Meta returned the number, because a wrong phone number ID is a separate
 * problem.
 */
function membershipProblems(
  ids: NumberIds,
  { phoneNumber, numberIds }: NumberReading,
  name: string,
): NumberProblem[] {
  if (phoneNumber.error !== null || numberIds.error !== null) return [];
  const membership = numberIds.value.has(ids.phoneNumberId) ? 'member' : 'other';
  const error = membershipError(ids, membership, 'graph', correctWaba(name));
  return error === null ? [] : [problemOf('waba', error)];
}
