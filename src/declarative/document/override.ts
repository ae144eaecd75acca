import type { DocumentSubscription } from './schema.ts';

/**
 * Returns the level at which the document sets the account's URL: null to remove the override,
 * undefined if the document omits it.
 */
export function overrideLevel(
  subscription: DocumentSubscription | undefined,
): 'number' | 'waba' | null | undefined {
  const override = subscription?.override;
  if (override === true) return 'waba';
  return override === false ? null : override;
}
