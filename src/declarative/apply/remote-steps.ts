import type { IdSource } from '../../accounts/accounts.ts';
import { ownerName, readSecrets } from '../../accounts/secrets.ts';
import type { DesiredSubscription } from '../../channels/meta/remote.ts';
import { makePin } from '../../channels/whatsapp/api.ts';
import type { Environment } from '../../profile/settings.ts';
import type { Profile, StoredAccount } from '../../profile/types.ts';
import { mapLimited } from '../../shared/concurrency.ts';
import type { ChannelctlError } from '../../shared/errors.ts';
import type { Json } from '../../shared/json.ts';
import type { Redactor } from '../../shared/redactor.ts';
import { isAccountError, type ReachableAccount } from '../plan/remote-state.ts';
import type { Change, RemoteAction, Step } from '../plan/steps.ts';

export interface RemoteStepContext extends IdSource {
  env: Environment;
  profile: Profile;
  redactor: Redactor;
}

/** The error of a step at Meta; null if it succeeded. */
export type StepError = ChannelctlError | null;

const CONCURRENCY = 8;

/**
 * Does the steps at Meta: several accounts at a time, the steps of one account in their order. What
 * fails for one does not stop the others.
 */
export async function applyRemoteSteps(
  steps: readonly Step[],
  reachable: readonly ReachableAccount[],
  context: RemoteStepContext,
  onDone: () => void,
): Promise<Map<Step, StepError>> {
  const outcomes = new Map<Step, StepError>();
  const accounts = new Map(reachable.map((one) => [one.name, one]));
  const names = [...new Set(steps.map(({ name }) => name))];
  await mapLimited(names, CONCURRENCY, async (name) => {
    const target = accounts.get(name);
    for (const step of steps.filter((one) => one.name === name)) {
      if (target === undefined || step.remoteAction === undefined) continue;
      outcomes.set(step, await attempt(() => performAction(step, target, context)));
      onDone();
    }
  });
  return outcomes;
}

async function attempt(work: () => Promise<void>): Promise<StepError> {
  try {
    await work();
    return null;
  } catch (error) {
    if (isAccountError(error)) return error;
    throw error;
  }
}

async function performAction(
  { remoteAction: action, changes }: Step,
  { name, api, account: reached }: ReachableAccount,
  context: RemoteStepContext,
): Promise<void> {
  // Its id is known by now, also where it was made just before.
  const { id: accountId } = await accountNamed(name, context.profile);
  const credentials = { ...reached.credentials, accountId, before: previousParameters(changes) };
  const account = { ...reached, credentials };
  switch (action?.call) {
    case 'register':
      return api.register?.(account, await pinOf(name, context));
    case 'subscribe':
      return api.subscribe(account, await desiredSubscription(action, context));
    case 'setMenu':
      return api.setMenu?.(account, action.menu);
    case 'deleteMenu':
      return api.deleteMenu?.(account);
  }
}

/** What is to become different, as the parameters of a call would say it. */
function previousParameters(changes: readonly Change[]): Record<string, Json> {
  return Object.fromEntries(
    changes.map(({ field, before = null }): [string, Json] => {
      if (field === 'subscribed_fields' && Array.isArray(before)) return [field, before.join(',')];
      if (field === 'get_started' && before !== null) return [field, { payload: before }];
      return [field, before];
    }),
  );
}

async function desiredSubscription(
  { fields, override }: Extract<RemoteAction, { call: 'subscribe' }>,
  { profile }: RemoteStepContext,
): Promise<DesiredSubscription> {
  if (override === null) return { fields, override };
  const { verify_token } = await accountNamed(override.account, profile);
  return { fields, override: { address: override.address, verifyToken: verify_token } };
}

/** The PIN that the account has. A new one is stored before it is sent, so that it can't be lost. */
async function pinOf(name: string, context: RemoteStepContext): Promise<string> {
  const { env, profile, redactor, randomBytes } = context;
  const account = await accountNamed(name, profile);
  const known = (await readSecrets(env, profile, account, account, ['pin'])).get('pin');
  if (known !== undefined) return known;
  const pin = makePin(randomBytes);
  redactor.add(pin);
  await profile.change((draft, secrets) => {
    const stored = draft.accounts.find(({ id }) => id === account.id);
    if (stored !== undefined) stored.secrets.pin = secrets.put(name, 'pin', pin);
  });
  return pin;
}

async function accountNamed(name: string, profile: Profile): Promise<StoredAccount> {
  const { accounts } = await profile.read();
  const account = accounts.find((one) => ownerName(one) === name);
  if (account !== undefined) return account;
  throw new TypeError(`There is no account ${name} to mend.`);
}
