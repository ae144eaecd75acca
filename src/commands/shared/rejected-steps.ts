import { WrongOwnerError } from '../../channels/meta/wrong-owner.ts';
import type { Step } from '../../declarative/plan/steps.ts';
import type { ChannelctlError } from '../../shared/errors.ts';
import type { PreparedPlan } from './prepare-plan.ts';
import { countItems, withProgress } from './progress.ts';

/**
 * Returns the steps of accounts and integrations whose new token or app secret must not be stored,
 * with the error: Meta has not accepted it, or the token belongs to another object at Meta.
 */
export async function rejectedSteps(
  prepared: PreparedPlan,
  isOffline: boolean,
): Promise<Map<Step, ChannelctlError>> {
  const { steps, problems } = prepared;
  const refused = isOffline ? new Map<string, never>() : await trySecrets(prepared);
  const wrong = problems.filter(({ error }) => error instanceof WrongOwnerError);
  const errors = new Map([...wrong.map(({ name, error }) => [name, error] as const), ...refused]);
  return new Map(
    steps.flatMap((step) => {
      const error = errors.get(step.name);
      return error === undefined ? [] : [[step, error] as const];
    }),
  );
}

/**
 * Tries the app secrets and tokens that would replace stored ones. Returns the errors by the name of
 * the step.
 */
async function trySecrets(prepared: PreparedPlan): Promise<ReadonlyMap<string, ChannelctlError>> {
  const [appSecrets, tokens] = await Promise.all([tryAppSecrets(prepared), tryTokens(prepared)]);
  return new Map([...appSecrets, ...tokens]);
}

async function tryAppSecrets(
  prepared: PreparedPlan,
): Promise<ReadonlyMap<string, ChannelctlError>> {
  const { rejectedAppSecrets } = await import('./rejected-app-secrets.ts');
  return rejectedAppSecrets(prepared);
}

async function tryTokens({
  steps,
  accounts,
  values,
  context,
}: PreparedPlan): Promise<ReadonlyMap<string, ChannelctlError>> {
  const { accountsWithNewToken, tryNewTokens } = await import(
    '../../declarative/apply/token-trials.ts'
  );
  const replaced = accountsWithNewToken(steps, accounts);
  if (replaced.length === 0) return new Map();
  const text = 'Verifying new tokens';
  return withProgress(context.terminal, text, (progress) =>
    tryNewTokens(
      replaced,
      { ...context, values },
      countItems(progress, text, replaced.length, 'token'),
    ),
  );
}
