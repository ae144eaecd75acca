import { channelNamed } from '../../channels/index.ts';
import { secretKey } from '../../declarative/document/references.ts';
import type { Change } from '../../declarative/plan/steps.ts';
import { ChannelctlError } from '../../shared/errors.ts';
import type { Json } from '../../shared/json.ts';
import type { PreparedPlan } from './prepare-plan.ts';
import { tryAppSecret } from './try-app-secret.ts';

/**
 * Tries the app secrets of a plan that replace stored ones. Returns the errors of those that Meta
 * rejected, by channel.
 */
export async function rejectedAppSecrets({
  steps,
  values,
  context,
}: Pick<PreparedPlan, 'steps' | 'values' | 'context'>): Promise<Map<string, ChannelctlError>> {
  const rejected = new Map<string, ChannelctlError>();
  for (const { part, action, name, changes } of steps) {
    if (part !== 'integration' || action === 'remove') continue;
    const change = configChange(changes, (field) => values.get(secretKey({ owner: name, field })));
    try {
      await tryAppSecret(channelNamed(name), change, context);
    } catch (error) {
      if (!(error instanceof ChannelctlError) || error.kind !== 'graph') throw error;
      rejected.set(name, error);
    }
  }
  return rejected;
}

const CONFIG_PREFIX = 'config.';

function configChange(changes: readonly Change[], secretOf: (field: string) => string | undefined) {
  const set: Record<string, Json> = {};
  const unset: string[] = [];
  for (const { field, after, secret } of changes) {
    if (!field.startsWith(CONFIG_PREFIX)) continue;
    const key = field.slice(CONFIG_PREFIX.length);
    const value = secret === true ? secretOf(key) : after;
    if (value === undefined) unset.push(key);
    else set[key] = value;
  }
  return { set, unset };
}
