import type { DocumentSubscription } from './schema.ts';

/** The level whose URL is that of the account; null for none, undefined if it is omitted. */
export function overrideLevel(
  subscription: DocumentSubscription | undefined,
): 'number' | 'waba' | null | undefined {
  const override = subscription?.override;
  if (override === true) return 'waba';
  return override === false ? null : override;
}
