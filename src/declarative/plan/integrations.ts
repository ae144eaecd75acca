import type { Document } from '../document/schema.ts';
import { configChanges, fieldChange } from './config.ts';
import type { CurrentState, PlanOptions, Step } from './steps.ts';

/** The integrations that come, change or go. */
export function integrationSteps(
  { integrations }: Document,
  { state, secrets }: CurrentState,
  { prune, divisionId }: PlanOptions,
): Step[] {
  if (integrations === undefined) return [];
  const stored = new Map(state.integrations.map((one) => [one.channel, one]));
  const steps = integrations.flatMap((wanted): Step[] => {
    const before = stored.get(wanted.channel);
    const isNew = before === undefined;
    const changes = [
      ...fieldChange(
        'is_active',
        before?.is_active,
        wanted.is_active ?? (isNew ? true : undefined),
      ),
      ...fieldChange(
        'division_id',
        before?.division_id,
        wanted.division_id === undefined && isNew ? divisionId : wanted.division_id,
      ),
      ...configChanges(wanted.channel, wanted.config, before, secrets, prune),
    ];
    if (!isNew && changes.length === 0) return [];
    const action = isNew ? 'create' : 'change';
    return [{ action, part: 'integration', name: wanted.channel, changes }];
  });
  const listed = new Set<string>(integrations.map(({ channel }) => channel));
  const removed = state.integrations.filter(({ channel }) => prune && !listed.has(channel));
  return [
    ...steps,
    ...removed.map(
      ({ channel }): Step => ({
        action: 'remove',
        part: 'integration',
        name: channel,
        changes: [],
      }),
    ),
  ];
}
