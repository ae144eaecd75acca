import { missingSecret } from '../../accounts/missing-secret.ts';
import type { Graph } from '../../graph/graph.ts';
import { type Result, resultOf } from '../../shared/problem.ts';
import type { AppCredentials } from '../meta/app-credentials.ts';
import { inspectToken, type TokenInspection } from '../meta/inspect-token.ts';
import type { AppLevelReading } from '../meta/webhooks.ts';
import { isConnected, renewCommand, type WhatsAppAccount } from './number.ts';
import {
  healthOf,
  type NumberCheck,
  type NumberExpectation,
  type NumberReading,
} from './number-health.ts';
import { FleetNumberReader, type NumberReader, singleNumberReader } from './number-readers.ts';
import { numberLevel } from './read-webhooks.ts';
import { SharedWabas } from './shared-wabas.ts';

export interface HealthOptions extends NumberExpectation {
  graph: Graph;
  /** The app that inspects tokens; null if its ID or secret is unknown. */
  app: AppCredentials | null;
  appLevel(): Promise<AppLevelReading>;
  sanitize(text: string): string;
}

export class HealthChecker {
  readonly #wabas: SharedWabas;
  readonly #numbers: NumberReader;
  readonly #tokens = new Map<string, Promise<Result<TokenInspection>>>();

  constructor(accounts: readonly WhatsAppAccount[], graph: Graph) {
    const connected = accounts.filter(isConnected);
    this.#wabas = new SharedWabas(graph);
    this.#numbers =
      connected.length > 1
        ? new FleetNumberReader(connected, graph, this.#wabas)
        : singleNumberReader(graph);
  }

  async check(account: WhatsAppAccount, options: HealthOptions): Promise<NumberCheck> {
    return healthOf(account, await this.#read(account, options), options);
  }

  async #read(account: WhatsAppAccount, options: HealthOptions): Promise<NumberReading> {
    if (!isConnected(account)) {
      const stored = account.account;
      const missing = {
        value: null,
        error: account.tokenError ?? missingSecret(stored, ['access_token'], renewCommand(stored)),
      };
      const parts = { phoneNumber: missing, waba: missing, subscribedApps: missing };
      return { ...parts, numberIds: missing, numberLevel: missing, app: null, token: null };
    }
    const [number, waba, numberIds, subscribedApps, app, token] = await Promise.all([
      this.#numbers.number(account),
      this.#wabas.details.once(account),
      this.#numbers.numberIds(account),
      this.#wabas.subscribedApps.once(account),
      options.appLevel(),
      this.#inspect(account.credentials.token, options),
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
}
