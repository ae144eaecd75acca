// What most calls need, loaded as one piece: a file for each noun, and another for the run, would be
// dozens of small ones, and each is felt at start-up. What is heavy stays behind imports of its own.

export { storedFormat } from './cli/context.ts';
export { runVerb } from './cli/execute.ts';
export { verbs as accounts } from './commands/accounts/index.ts';
export { verbs as audit } from './commands/audit/index.ts';
export { verbs as config } from './commands/config/index.ts';
export { verbs as integrations } from './commands/integrations/index.ts';
export { verbs as profiles } from './commands/profiles/index.ts';
export { asChannelctlError, renderFailure } from './ui/output/failure.ts';
export { styleFor } from './ui/output/style.ts';

export const atMeta = () => import('./at-meta.ts');
export const fleet = () => import('./fleet.ts');
