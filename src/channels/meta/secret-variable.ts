import { type Owner, secretInEnvironment, secretVariable } from '../../accounts/secrets.ts';
import type { Environment } from '../../profile/settings.ts';
import { usageError } from '../../shared/errors.ts';
import { metaValueProblem } from '../../shared/secrets.ts';

/**
 * Checks the variable of a token or an app secret, which overrides the stored one.
 *
 * @throws ChannelctlError `usage` if Meta cannot have issued the value
 */
export function assertMetaVariable(env: Environment, owner: Owner, field: string): void {
  const value = secretInEnvironment(env, owner, field);
  const problem = value === undefined ? undefined : metaValueProblem(value);
  if (problem === undefined) return;
  const variable = secretVariable(owner, field);
  throw usageError(`${field} (from the variable ${variable}) ${problem}.`, {
    hint: `Correct the variable ${variable}, or unset it to use the stored secret.`,
  });
}
