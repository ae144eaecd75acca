import { missingSecret } from '../../accounts/missing-secret.ts';
import type { Credentials, Graph } from '../../graph/graph.ts';
import type { StoredAccount } from '../../profile/types.ts';
import { mapLimited } from '../../shared/concurrency.ts';
import { ChannelctlError } from '../../shared/errors.ts';
import type { Findings, Part, PhoneNumber, SubscribedApp, Waba } from './findings.ts';
import { renewCommand, type WhatsAppAccount } from './number.ts';
import { type Problem, problemsOf } from './problems.ts';

/** How a number is, as the interface promises it. A part that could not be read is null. */
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
  problems: Problem[];
}

export interface HealthOptions {
  graph: Graph;
  /** The app that is to be subscribed; null where it is not known. */
  appId: string | null;
  /** Where webhooks of an account's WABA may arrive, its own address first; empty where no base address is set. */
  webhookUrls(account: StoredAccount): readonly string[];
  /** Hears of each account that is done. */
  onDone?(): void;
}

/** Accounts that are checked at a time, three calls each. */
const AT_A_TIME = 30;

const NUMBER_FIELDS =
  'id,display_phone_number,verified_name,quality_rating,code_verification_status,name_status,status,platform_type,throughput,messaging_limit_tier,health_status';
const WABA_FIELDS =
  'id,name,currency,timezone_id,message_template_namespace,account_review_status,business_verification_status,ownership_type,country,health_status';

/** Checks accounts, several at a time, in their order. What Meta refuses becomes a problem of the account. */
export function checkHealth(
  accounts: readonly WhatsAppAccount[],
  options: HealthOptions,
): Promise<Health[]> {
  const wabas = new SharedWabas(options.graph);
  return mapLimited(accounts, AT_A_TIME, async (account) => {
    const health = diagnose(account, await examine(account, options.graph, wabas), options);
    options.onDone?.();
    return health;
  });
}

async function examine(
  patient: WhatsAppAccount,
  graph: Graph,
  wabas: SharedWabas,
): Promise<Findings> {
  const { account, ids, credentials } = patient;
  if (credentials === null) {
    const error = missingSecret(account, ['access_token'], renewCommand(account));
    return { phone_number: { error }, waba: { error }, subscribed_apps: { error } };
  }
  const parameters = { phone_number_id: ids.phoneNumberId, fields: NUMBER_FIELDS };
  const [phone_number, waba, subscribed_apps] = await Promise.all([
    partOf(graph.call('getPhoneNumber', parameters, credentials)),
    wabas.details(ids.wabaId, credentials),
    wabas.subscriptions(ids.wabaId, credentials),
  ]);
  return { phone_number, waba, subscribed_apps };
}

function diagnose(
  patient: WhatsAppAccount,
  findings: Findings,
  { appId, webhookUrls }: HealthOptions,
): Health {
  const apps = found(findings.subscribed_apps);
  const subscribed_ok = apps?.some(({ id }) => appId === null || id === appId) ?? null;
  const { account, ids, name } = patient;
  const problems = problemsOf(findings, {
    name,
    appId,
    subscribedOk: subscribed_ok,
    webhookUrls: webhookUrls(account),
  });
  return {
    account_id: account.id,
    display_name: account.display_name,
    phone_number_id: ids.phoneNumberId,
    waba_id: ids.wabaId,
    healthy: problems.every(({ severity }) => severity !== 'error'),
    phone_number: found(findings.phone_number),
    waba: found(findings.waba),
    subscribed_apps: apps,
    subscribed_ok,
    problems,
  };
}

function found<Value>(part: Part<Value>): Value | null {
  return 'value' in part ? part.value : null;
}

/** @throws what is no failure of the call: an interruption */
async function partOf<Value>(work: Promise<Value>): Promise<Part<Value>> {
  try {
    return { value: await work };
  } catch (error) {
    if (!(error instanceof ChannelctlError) || error.kind === 'cancelled') throw error;
    return { error };
  }
}

/**
 * Asks once for each WABA, however many numbers it has, for a token of it is valid for all of
 * them. Where Meta refuses one token, each other one is tried as well.
 */
class SharedWabas {
  readonly #graph: Graph;
  readonly #details = new Map<string, Promise<Part<Waba>>>();
  readonly #subscriptions = new Map<string, Promise<Part<SubscribedApp[]>>>();

  constructor(graph: Graph) {
    this.#graph = graph;
  }

  details(waba_id: string, credentials: Credentials): Promise<Part<Waba>> {
    return shared(this.#details, waba_id, credentials, () =>
      this.#graph.call('getWaba', { waba_id, fields: WABA_FIELDS }, credentials),
    );
  }

  subscriptions(waba_id: string, credentials: Credentials): Promise<Part<SubscribedApp[]>> {
    return shared(this.#subscriptions, waba_id, credentials, async () => {
      const { data } = await this.#graph.call('listWabaSubscriptions', { waba_id }, credentials);
      return data.map(({ whatsapp_business_api_data: app, override_callback_uri }) => ({
        id: app?.id ?? null,
        name: app?.name ?? null,
        link: app?.link ?? null,
        override_callback_uri: override_callback_uri ?? null,
      }));
    });
  }
}

async function shared<Value>(
  asked: Map<string, Promise<Part<Value>>>,
  id: string,
  { token }: Credentials,
  ask: () => Promise<Value>,
): Promise<Part<Value>> {
  const first = asked.get(id);
  if (first === undefined) {
    const part = partOf(ask());
    asked.set(id, part).set(`${id} ${token}`, part);
    return part;
  }
  const answer = await first;
  if ('value' in answer || !isRefused(answer.error)) return answer;
  const own = asked.get(`${id} ${token}`) ?? partOf(ask());
  asked.set(`${id} ${token}`, own);
  return own;
}

/** Whether it may be another matter with another token. A server that is down is so for all. */
function isRefused({ kind, graph }: ChannelctlError): boolean {
  if (kind === 'not_allowed') return true;
  return graph !== null && graph.code !== null && (graph.status ?? 0) < 500;
}
