import type { ViewOptions } from '../../accounts/account-view.ts';
import { secretVariables } from '../../accounts/secrets.ts';
import { knownSecrets } from '../../channels/index.ts';
import type { CommandContext } from './command-context.ts';

/**
 * The options of the views of accounts and integrations. Commands that change something read them
 * first, so that a wrong setting is found before anything is changed.
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
