import { SETTING_KEYS } from '../../profile/settings.ts';
import type { Document } from '../document/schema.ts';
import type { CurrentState, PlanOptions, Step } from './steps.ts';

/** The settings of the profile that become different. */
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

/** The settings of the profile as they will be. */
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
