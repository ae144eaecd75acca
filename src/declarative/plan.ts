import type { Document } from './document.ts';
import { accountSteps, defaultsOf } from './plan-accounts.ts';
import { integrationSteps } from './plan-integrations.ts';
import { metaSteps } from './plan-meta.ts';
import { settingSteps } from './plan-settings.ts';
import type { Current, PlanOptions, Step } from './steps.ts';

/**
 * What is to be done so that a profile, and what stands at Meta for it, is as a document says, in
 * an order that is safe at every moment: the role, which may forbid the rest, comes last.
 */
export function planOf(document: Document, current: Current, options: PlanOptions): Step[] {
  const settings = settingSteps(document, current, options);
  const isRole = ({ name }: Step) => name === 'role';
  return [
    ...settings.filter((step) => !isRole(step)),
    ...integrationSteps(document, current, options),
    ...accountSteps(document, current, options, defaultsOf(document, current)),
    ...metaSteps(document, current, options),
    ...settings.filter(isRole),
  ];
}
