import type { Credentials, Graph } from '../../graph/graph.ts';
import type { ChannelctlError } from '../../shared/errors.ts';
import { type Result, resultOf } from '../../shared/problem.ts';
import { KnownFields } from './known-fields.ts';
import type { ConnectedAccount } from './number.ts';
import { NUMBER_FIELDS } from './number-fields.ts';
import { readSubscribedApps, type SubscribedApp } from './read-webhooks.ts';
import type { PhoneNumber, Waba } from './rules.ts';

const WABA_FIELDS = [
  ...['id', 'name', 'currency', 'timezone_id', 'message_template_namespace'],
  ...['account_review_status', 'business_verification_status', 'ownership_type', 'country'],
  'health_status',
];

export class SharedWabas {
  readonly details: SharedRead<Waba>;
  readonly subscribedApps: SharedRead<SubscribedApp[]>;
  readonly numbers: SharedRead<NumberList>;

  constructor(graph: Graph) {
    const fields = new KnownFields(WABA_FIELDS);
    this.details = new SharedRead((waba_id, credentials) =>
      fields.read((known) => graph.call('getWaba', { waba_id, fields: known }, credentials)),
    );
    this.subscribedApps = new SharedRead((waba_id, credentials) =>
      readSubscribedApps(graph, waba_id, credentials),
    );
    const numberFields = new KnownFields(NUMBER_FIELDS);
    this.numbers = new SharedRead((waba_id, credentials) =>
      numberFields.read(async (fields) => ({
        fields: fields.split(','),
        numbers: await graph.list('listPhoneNumbers', { waba_id, fields, limit: 100 }, credentials),
      })),
    );
  }
}

export interface NumberList {
  numbers: PhoneNumber[];
  fields: readonly string[];
}

export class SharedRead<Value> {
  readonly #read: (wabaId: string, credentials: Credentials) => Promise<Value>;
  readonly #first = new Map<string, Promise<Result<Value>>>();
  readonly #byToken = new Map<string, Promise<Result<Value>>>();

  constructor(read: (wabaId: string, credentials: Credentials) => Promise<Value>) {
    this.#read = read;
  }

  /**
   * Reads the WABA of an account once, because a token is valid for the whole WABA. If Meta rejects
   * one token, each of the others is tried as well.
   */
  async once(account: ConnectedAccount): Promise<Result<Value>> {
    const { wabaId } = account.ids;
    const first = this.#first.get(wabaId) ?? this.#start(account);
    this.#first.set(wabaId, first);
    const result = await first;
    if (result.error !== null && isRefused(result.error)) return this.perToken(account);
    return forAccount(result, account.name);
  }

  async perToken(account: ConnectedAccount): Promise<Result<Value>> {
    return forAccount(await this.#start(account), account.name);
  }

  #start({ ids: { wabaId }, credentials }: ConnectedAccount): Promise<Result<Value>> {
    const key = `${wabaId} ${credentials.token}`;
    const unnamed = { ...credentials, accountName: ANY_ACCOUNT };
    const started = this.#byToken.get(key) ?? resultOf(this.#read(wabaId, unnamed));
    this.#byToken.set(key, started);
    return started;
  }
}

const ANY_ACCOUNT = '<account>';

function forAccount<Value>(result: Result<Value>, name: string): Result<Value> {
  if (result.error === null) return result;
  const { error } = result;
  const hint = error.hint.replaceAll(ANY_ACCOUNT, () => name);
  return { value: null, error: error.with({ hint }) };
}

/** Whether another token may succeed. During an outage or at a rate limit, all tokens fail. */
function isRefused({ kind, graph, isOutage }: ChannelctlError): boolean {
  if (kind === 'not_allowed') return true;
  return graph !== null && graph.code !== null && !isOutage;
}
