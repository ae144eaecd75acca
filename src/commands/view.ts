import type { View } from '../channels/present.ts';
import { secretVariables } from '../channels/secrets.ts';
import type { Deps } from './deps.ts';

/**
 * How this run shows accounts and integrations. What changes something asks for it first: a wrong
 * setting is then found while nothing is changed.
 */
export function viewOf({ env, settings }: Deps, revealed?: ReadonlyMap<string, string>): View {
  const webhookBase = settings.value('webhook_base_url');
  return { env: secretVariables(env), webhookBase, ...(revealed !== undefined && { revealed }) };
}
