import type { Document } from '../document/schema.ts';
import { accountSteps, decideDefaults } from './accounts.ts';
import { integrationSteps } from './integrations.ts';
import { remoteSteps } from './remote.ts';
import { settingSteps } from './settings.ts';
import type { CurrentState, PlanOptions, Step } from './steps.ts';

/**
 * What is to be done so that a profile, and what stands at Meta for it, is as a document says, in
 * an order that is safe at every moment: the role, which may forbid the rest, comes last.
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
