import type { ViewOptions } from '../../accounts/account-view.ts';
import { secretVariables } from '../../accounts/secrets.ts';
import { knownSecrets } from '../../channels/index.ts';
import type { CommandContext } from './command-context.ts';

/**
 * How this run shows accounts and integrations. What changes something asks for it first: a wrong
 * setting is then found while nothing is changed.
 */
export function viewOptions(
  { env, settings }: CommandContext,
  revealed?: ReadonlyMap<string, string>,
): ViewOptions {
  const webhookBase = settings.value('webhook_base_url');
  return {
    env: secretVariables(env),
    knownSecrets,
    webhookBase,
    ...(revealed !== undefined && { revealed }),
  };
}
