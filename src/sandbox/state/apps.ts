import type { WebhookSeed } from '../seed/schema.ts';
import type { CompleteSeed } from '../seed/seed.ts';

export type App = CompleteSeed['apps'][number] & { secret: string };

export type AppSubscription = Omit<WebhookSeed, 'app_id'>;

export class AppSubscriptions {
  readonly #byApp = new Map<string, Map<string, AppSubscription>>();

  constructor(seed: readonly WebhookSeed[]) {
    for (const { app_id, ...subscription } of seed) this.set(app_id, subscription);
  }

  of(appId: string): AppSubscription[] {
    return [...(this.#byApp.get(appId)?.values() ?? [])];
  }

  get(appId: string, object: string): AppSubscription | undefined {
    return this.#byApp.get(appId)?.get(object);
  }

  set(appId: string, subscription: AppSubscription): void {
    const subscriptions = this.#byApp.get(appId) ?? new Map<string, AppSubscription>();
    this.#byApp.set(appId, subscriptions.set(subscription.object, subscription));
  }

  /**
   * @param object undefined for all objects
   * @param removed the fields to remove; null for the whole subscription
   */
  remove(appId: string, object: string | undefined, removed: readonly string[] | null): void {
    for (const subscription of this.of(appId)) {
      if (object !== undefined && subscription.object !== object) continue;
      const fields = subscription.fields.filter((field) => removed?.includes(field) === false);
      if (fields.length > 0) this.set(appId, { ...subscription, fields });
      else this.#byApp.get(appId)?.delete(subscription.object);
    }
  }
}
