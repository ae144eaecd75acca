import { missingSecret } from '../../accounts/missing-secret.ts';
import type { Credentials, Graph } from '../../graph/graph.ts';
import type { StoredAccount } from '../../profile/types.ts';
import { mapLimited } from '../../shared/concurrency.ts';
import type { ChannelctlError } from '../../shared/errors.ts';
import { isHealthy, problemOf, type Result, resultOf } from '../../shared/problem.ts';
import type { AppCredentials } from '../meta/app-credentials.ts';
import {
  inspectToken,
  reportedExpiry,
  type TokenExpiry,
  type TokenInspection,
} from '../meta/inspect-token.ts';
import { otherIssuer, withoutProofErrors } from '../meta/token-judgement.ts';
import {
  judgeWebhooks,
  subscriptionPart,
  type WebhookExpectation,
} from '../meta/webhook-judgement.ts';
import type { AppLevelReading, Delivery, NumberLevel, Subscription } from '../meta/webhooks.ts';
import { KnownFields } from './known-fields.ts';
import { correctWaba, listNumberIds, membershipError } from './membership.ts';
import { type NumberIds, renewCommand, type WhatsAppAccount } from './number.ts';
import { ANY_APP, bySeverity, type NumberProblem, numberProblems } from './problems.ts';
import {
  numberLevel,
  ownSubscription,
  readSubscribedApps,
  type SubscribedApp,
} from './read-webhooks.ts';
import { staysInBusinessApp } from './registration.ts';
import type { PhoneNumber, Waba } from './rules.ts';
import { businessTokenProblems } from './token-problems.ts';
import { whatsappWebhooks } from './webhooks.ts';

/** The health of a number. A part that could not be read is null. */
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
  /** Null if Meta did not report it. */
  tokenExpiry: TokenExpiry | null;
}

export interface HealthOptions extends Omit<WebhookExpectation, 'account' | 'webhooks'> {
  graph: Graph;
  /** The app that inspects tokens; null if its ID or secret is unknown. */
  app: AppCredentials | null;
  appLevel(): Promise<AppLevelReading>;
  now: Date;
  sanitize(text: string): string;
}

/** Everything that Meta returns for a number. */
interface NumberReading {
  phoneNumber: Result<PhoneNumber>;
  numberLevel: Result<NumberLevel>;
  waba: Result<Waba>;
  /** The IDs of the WABA's numbers. */
  numberIds: Result<ReadonlySet<string>>;
  subscribedApps: Result<SubscribedApp[]>;
  app: AppLevelReading;
  token: Result<TokenInspection> | null;
}

const NUMBER_FIELDS = [
  ...['id', 'display_phone_number', 'verified_name', 'quality_rating', 'code_verification_status'],
  ...['name_status', 'status', 'platform_type', 'throughput', 'messaging_limit_tier'],
  ...['whatsapp_business_manager_messaging_limit', 'health_status', 'webhook_configuration'],
];
const WABA_FIELDS = [
  ...['id', 'name', 'currency', 'timezone_id', 'message_template_namespace'],
  ...['account_review_status', 'business_verification_status', 'ownership_type', 'country'],
  'health_status',
];

/** How many numbers are checked concurrently. */
const CONCURRENCY = 30;

/** Checks numbers. The results are in the order of the accounts. */
export function checkNumbers(
  accounts: readonly WhatsAppAccount[],
  options: HealthOptions,
  onDone: () => void,
): Promise<NumberCheck[]> {
  const checker = new HealthChecker();
  return mapLimited(accounts, CONCURRENCY, async (account) => {
    const checked = await checker.check(account, options);
    onDone();
    return checked;
  });
}

/** Checks numbers in one run. The numbers of a WABA share its data. */
export class HealthChecker {
  readonly #wabas = new SharedWabas();
  readonly #tokens = new Map<string, Promise<Result<TokenInspection>>>();
  readonly #numberFields = new KnownFields(NUMBER_FIELDS);

  /** An error from Meta becomes a problem of the account. */
  async check(account: WhatsAppAccount, options: HealthOptions): Promise<NumberCheck> {
    return healthOf(account, await this.#read(account, options), options);
  }

  async #read(account: WhatsAppAccount, options: HealthOptions): Promise<NumberReading> {
    const { account: stored, ids, credentials } = account;
    const { graph, appLevel } = options;
    if (credentials === null) {
      const missing = {
        value: null,
        error: missingSecret(stored, ['access_token'], renewCommand(stored)),
      };
      const parts = { phoneNumber: missing, waba: missing, subscribedApps: missing };
      return { ...parts, numberIds: missing, numberLevel: missing, app: null, token: null };
    }
    const [number, waba, numberIds, subscribedApps, app, token] = await Promise.all([
      resultOf(this.#readNumber(ids.phoneNumberId, graph, credentials)),
      this.#wabas.details(account, graph, credentials),
      this.#wabas.numberIds(account, graph, credentials),
      this.#wabas.subscribedApps(account, graph, credentials),
      appLevel(),
      this.#inspect(credentials.token, options),
    ]);
    const shared = { waba, numberIds, subscribedApps, app, token };
    if (number.error !== null) return { phoneNumber: number, numberLevel: number, ...shared };
    const { webhook_configuration, ...phoneNumber } = number.value;
    return {
      phoneNumber: { value: phoneNumber, error: null },
      numberLevel: { value: numberLevel({ webhook_configuration }), error: null },
      ...shared,
    };
  }

  /** Inspects each token once. Null if the app is unknown. */
  async #inspect(
    token: string,
    { app, graph, sanitize }: HealthOptions,
  ): Promise<Result<TokenInspection> | null> {
    if (app === null) return null;
    const inspection =
      this.#tokens.get(token) ?? resultOf(inspectToken(graph, app, token, sanitize));
    this.#tokens.set(token, inspection);
    return inspection;
  }

  #readNumber(
    phone_number_id: string,
    graph: Graph,
    credentials: Credentials,
  ): Promise<PhoneNumber> {
    return this.#numberFields.read((fields) =>
      graph.call('getPhoneNumber', { phone_number_id, fields }, credentials),
    );
  }
}

function healthOf(
  { account, ids, name }: WhatsAppAccount,
  reading: NumberReading,
  options: HealthOptions,
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
  // An app is subscribed, but it may not be ours.
  const isUncertain = appId === null && delivery === 'subscribed';
  return {
    account,
    health,
    delivery: isUncertain ? 'incomplete' : delivery,
    tokenExpiry: reportedExpiry(token?.value ?? null),
  };
}

/** Reported only if Meta returns the number: a wrong phone number ID is a separate problem. */
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

/**
 * Reads each WABA once for all of its numbers, because a token is valid for the whole WABA. If Meta
 * rejects one token, each of the others is tried as well.
 */
class SharedWabas {
  readonly #fields = new KnownFields(WABA_FIELDS);
  readonly #details = new Map<string, Promise<Result<Waba>>>();
  readonly #numberIds = new Map<string, Promise<Result<ReadonlySet<string>>>>();
  readonly #subscribedApps = new Map<string, Promise<Result<SubscribedApp[]>>>();

  details(account: WhatsAppAccount, graph: Graph, credentials: Credentials): Promise<Result<Waba>> {
    const waba_id = account.ids.wabaId;
    return shared(this.#details, account, credentials, (unnamed) =>
      this.#fields.read((fields) => graph.call('getWaba', { waba_id, fields }, unnamed)),
    );
  }

  numberIds(
    account: WhatsAppAccount,
    graph: Graph,
    credentials: Credentials,
  ): Promise<Result<ReadonlySet<string>>> {
    return shared(this.#numberIds, account, credentials, (unnamed) =>
      listNumberIds(graph, unnamed, account.ids.wabaId),
    );
  }

  subscribedApps(
    account: WhatsAppAccount,
    graph: Graph,
    credentials: Credentials,
  ): Promise<Result<SubscribedApp[]>> {
    return shared(this.#subscribedApps, account, credentials, (unnamed) =>
      readSubscribedApps(graph, account.ids.wabaId, unnamed),
    );
  }
}

async function shared<Value>(
  read: Map<string, Promise<Result<Value>>>,
  { ids: { wabaId: id }, name }: WhatsAppAccount,
  credentials: Credentials,
  call: (unnamed: Credentials) => Promise<Value>,
): Promise<Result<Value>> {
  const key = `${id} ${credentials.token}`;
  const start = () => resultOf(call({ ...credentials, accountName: ANY_ACCOUNT }));
  const first = read.get(id);
  if (first === undefined) {
    const result = start();
    read.set(id, result).set(key, result);
    return forAccount(await result, name);
  }
  const result = await first;
  if (result.error === null || !isRefused(result.error)) return forAccount(result, name);
  const own = read.get(key) ?? start();
  read.set(key, own);
  return forAccount(await own, name);
}

/** Placeholder for the account in the hint of a shared error, until the account is known. */
const ANY_ACCOUNT = '<account>';

function forAccount<Value>(result: Result<Value>, name: string): Result<Value> {
  if (result.error === null) return result;
  const { error } = result;
  const hint = error.hint.replaceAll(ANY_ACCOUNT, name);
  return { value: null, error: error.with({ hint }) };
}

/** Whether another token may succeed. If the server is down, all of them fail. */
function isRefused({ kind, graph }: ChannelctlError): boolean {
  if (kind === 'not_allowed') return true;
  return graph !== null && graph.code !== null && (graph.status ?? 0) < 500;
}
