import { SETTING_KEYS } from '../../profile/settings.ts';
import type { Document } from '../document/schema.ts';
import { accountSteps, decideDefaults } from './accounts.ts';
import { configChanges, fieldChange } from './diff.ts';
import { remoteSteps } from './remote.ts';
import type { CurrentState, PlanOptions, Step } from './steps.ts';

/**
 * Returns the steps that make a profile, and its configuration at Meta, match a document. The role
 * comes last, because it may forbid the other steps.
 */
export function createPlan(
  document: Document,
  current: CurrentState,
  options: PlanOptions,
): Step[] {
  const settings = settingSteps(document, current, options);
  const isRole = ({ name }: Step) => name === 'role';
  return [
    ...settings.filter((step) => !isRole(step)),
    ...integrationSteps(document, current, options),
    ...accountSteps(document, current, options, decideDefaults(document, current)),
    ...remoteSteps(document, current, options),
    ...settings.filter(isRole),
  ];
}

export function settingSteps(
  { settings }: Document,
  { state }: CurrentState,
  { prune }: Pick<PlanOptions, 'prune'>,
): Step[] {
  if (settings === undefined) return [];
  return SETTING_KEYS.flatMap((key): Step[] => {
    const before = state.settings[key];
    const after = settings[key];
    if (before === after || (after === undefined && !prune)) return [];
    const action = before === undefined ? 'create' : after === undefined ? 'remove' : 'change';
    return [{ action, part: 'setting', name: key, changes: [{ field: 'value', before, after }] }];
  });
}

export function settingsAfter(
  stored: Readonly<Record<string, string>>,
  steps: readonly Step[],
): Record<string, string> {
  const settings = new Map(Object.entries(stored));
  for (const { part, name, changes } of steps) {
    if (part !== 'setting') continue;
    const after = changes[0]?.after;
    if (typeof after === 'string') settings.set(name, after);
    else settings.delete(name);
  }
  return Object.fromEntries(settings);
}

function integrationSteps(
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
