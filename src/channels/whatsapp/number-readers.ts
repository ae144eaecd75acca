import { isRateLimit } from '../../graph/errors/errors.ts';
import type { Graph } from '../../graph/graph.ts';
import { mapLimited } from '../../shared/concurrency.ts';
import { type Result, resultOf } from '../../shared/problem.ts';
import { KnownFields } from './known-fields.ts';
import { listNumberIds } from './membership.ts';
import type { ConnectedAccount } from './number.ts';
import { NUMBER_FIELDS } from './number-fields.ts';
import type { PhoneNumber } from './rules.ts';
import type { NumberList, SharedWabas } from './shared-wabas.ts';

export interface NumberReader {
  number(account: ConnectedAccount): Promise<Result<PhoneNumber>>;
  numberIds(account: ConnectedAccount): Promise<Result<ReadonlySet<string>>>;
}

/** Creates a reader for one number, which it reads individually, to need only one round trip. */
export function singleNumberReader(graph: Graph): NumberReader {
  const known = new KnownFields(NUMBER_FIELDS);
  return {
    number: ({ ids: { phoneNumberId: phone_number_id }, credentials }) =>
      resultOf(
        known.read((fields) =>
          graph.call('getPhoneNumber', { phone_number_id, fields }, credentials),
        ),
      ),
    numberIds: ({ ids: { wabaId }, credentials }) =>
      resultOf(listNumberIds(graph, credentials, wabaId)),
  };
}

const CONCURRENCY = 10;

/**
 * Reads the list of numbers of each WABA once per token, so that each token is tried. A number is
 * also read individually, in a batch request, if its entry in the list is not enough.
 */
export class FleetNumberReader implements NumberReader {
  readonly #graph: Graph;
  readonly #wabas: SharedWabas;
  readonly #fields = new KnownFields(NUMBER_FIELDS);
  readonly #ownReads: Promise<ReadonlyMap<string, Result<PhoneNumber>>>;

  constructor(accounts: readonly ConnectedAccount[], graph: Graph, wabas: SharedWabas) {
    this.#graph = graph;
    this.#wabas = wabas;
    this.#ownReads = this.#readAll(accounts);
    // Each account that needs the result receives the error.
    this.#ownReads.catch(() => {});
  }

  async number(account: ConnectedAccount): Promise<Result<PhoneNumber>> {
    const list = await this.#wabas.numbers.perToken(account);
    const listed = listedNumber(list, account);
    if (listed !== null) return listed;
    const own = (await this.#ownReads).get(account.account.id);
    if (own !== undefined) return own;
    throw new TypeError(`${account.name} is not one of the accounts of this reader.`);
  }

  async numberIds(account: ConnectedAccount): Promise<Result<ReadonlySet<string>>> {
    const list = await this.#wabas.numbers.once(account);
    return list.error === null ? { value: idsOf(list.value.numbers), error: null } : list;
  }

  async #readAll(accounts: readonly ConnectedAccount[]) {
    const { numbers, details, subscribedApps } = this.#wabas;
    await mapLimited(onePerToken(accounts), CONCURRENCY, (account) =>
      Promise.all([numbers.perToken(account), details.once(account), subscribedApps.once(account)]),
    );
    const lists = await Promise.all(accounts.map((account) => numbers.perToken(account)));
    return this.#readThemselves(
      accounts.filter((account, index) => {
        const list = lists[index];
        return list !== undefined && listedNumber(list, account) === null;
      }),
    );
  }

  async #readThemselves(accounts: readonly ConnectedAccount[]) {
    const results = new Map<string, Result<PhoneNumber>>();
    let rest = accounts;
    while (rest.length > 0) {
      const fields = this.#fields.requested;
      const calls = rest.map(({ ids, credentials }) => ({
        parameters: { phone_number_id: ids.phoneNumberId, fields },
        credentials,
      }));
      const read = await this.#graph.readAll('getPhoneNumber', calls);
      rest = rest.filter(({ account }, index) => {
        const result = read[index];
        if (result?.error && this.#fields.omitRefused(result.error, fields)) return true;
        if (result !== undefined) results.set(account.id, result);
        return false;
      });
    }
    return results;
  }
}

function idsOf(numbers: readonly { id: string }[]): ReadonlySet<string> {
  return new Set(numbers.map(({ id }) => id));
}

function onePerToken(accounts: readonly ConnectedAccount[]): ConnectedAccount[] {
  const entries = accounts.map((account): [string, ConnectedAccount] => [
    `${account.ids.wabaId} ${account.credentials.token}`,
    account,
  ]);
  return [...new Map(entries).values()];
}

/**
 * Returns the number of an account from the list of its WABA; null if the number must be read
 * individually, because its entry is missing or incomplete, or its status is not CONNECTED. After a
 * rate limit, returns the error of the list, because more reads would make it worse.
 */
function listedNumber(
  list: Result<NumberList>,
  { ids: { phoneNumberId } }: ConnectedAccount,
): Result<PhoneNumber> | null {
  if (list.error !== null) {
    const { graph } = list.error;
    return graph !== null && isRateLimit(graph) ? list : null;
  }
  const { numbers, fields } = list.value;
  const entry = numbers.find(({ id }) => id === phoneNumberId);
  if (entry === undefined || !fields.includes('webhook_configuration')) return null;
  const { status, quality_rating, health_status } = entry;
  const isComplete = quality_rating && health_status && status?.toUpperCase() === 'CONNECTED';
  return isComplete ? { value: entry, error: null } : null;
}
