import type { DocumentSubscription } from './schema.ts';

/** The level at which the account's URL is set; null if none, undefined if not specified. */
export function overrideLevel(
  subscription: DocumentSubscription | undefined,
): 'number' | 'waba' | null | undefined {
  const override = subscription?.override;
  if (override === true) return 'waba';
  return override === false ? null : override;
}
