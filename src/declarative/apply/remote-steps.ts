import {
  type GeneratedSecretContext,
  warnOfGeneratedSecret,
} from '../../accounts/generated-secret.ts';
import { ownerName, readSecrets } from '../../accounts/secrets.ts';
import type { DesiredSubscription } from '../../channels/meta/remote.ts';
import { generatePin } from '../../channels/whatsapp/api.ts';
import { PIN } from '../../channels/whatsapp/pin.ts';
import type { Profile, ProfileState, StoredAccount } from '../../profile/types.ts';
import { mapLimited } from '../../shared/concurrency.ts';
import { ChannelctlError } from '../../shared/errors.ts';
import type { Json } from '../../shared/json.ts';
import type { Redactor } from '../../shared/redactor.ts';
import { isAccountError, type ReachableAccount } from '../plan/remote-state.ts';
import { type Change, OWN_URL_FIELD, type RemoteAction, type Step } from '../plan/steps.ts';

export interface RemoteStepContext extends GeneratedSecretContext {
  profile: Profile;
  redactor: Redactor;
}

interface ActionContext extends RemoteStepContext {
  storedAccount: AccountLookup;
}

export type StepError = ChannelctlError | null;

const CONCURRENCY = 8;

/**
 * Applies the remote steps: several accounts concurrently, the steps of one account in order. A
 * failure of one account does not stop the others.
 */
export async function applyRemoteSteps(
  steps: readonly Step[],
  reachable: readonly ReachableAccount[],
  context: RemoteStepContext,
  onDone: (step: Step, error: StepError) => void,
): Promise<void> {
  const accounts = new Map(reachable.map((one) => [one.name, one]));
  const storedAccount = accountLookup(context.profile);
  await mapLimited(stepsByName(steps), CONCURRENCY, async ([name, own]) => {
    const target = accounts.get(name);
    for (const step of own) {
      if (target === undefined || step.remoteAction === undefined) continue;
      const work = () => performAction(step, target, { ...context, storedAccount });
      onDone(step, await errorFrom(work));
    }
  });
}

function stepsByName(steps: readonly Step[]): [name: string, steps: Step[]][] {
  const groups = new Map<string, Step[]>();
  for (const step of steps) {
    const group = groups.get(step.name);
    if (group === undefined) groups.set(step.name, [step]);
    else group.push(step);
  }
  return [...groups];
}

type AccountLookup = (name: string) => Promise<StoredAccount>;

/**
 * Returns a function that finds stored accounts by name. It rebuilds its index whenever the state
 * has been read again.
 */
function accountLookup(profile: Profile): AccountLookup {
  let indexed: ProfileState | null = null;
  let accounts = new Map<string, StoredAccount>();
  return async (name) => {
    const state = await profile.read();
    if (state !== indexed) accounts = new Map(state.accounts.map((one) => [ownerName(one), one]));
    indexed = state;
    const account = accounts.get(name);
    if (account !== undefined) return account;
    throw new ChannelctlError('graph', `Another process deleted the account ${name}.`);
  };
}

async function errorFrom(work: () => Promise<void>): Promise<StepError> {
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
  { name, api, account: target }: ReachableAccount,
  context: ActionContext,
): Promise<void> {
  // The account has an ID by now, even if apply has just created it.
  const { id: accountId } = await context.storedAccount(name);
  const credentials = { ...target.credentials, accountId, before: previousParameters(changes) };
  const account = { ...target, credentials };
  switch (action?.call) {
    case 'register':
      return api.register?.(account, await accountPin(name, context));
    case 'subscribe':
      return api.subscribe(account, await desiredSubscription(action, context));
    case 'setOwnUrl': {
      const { override, subscribeFirst } = action;
      const { verify_token: verifyToken } = await context.storedAccount(override.account);
      return api.setOwnUrl?.(account, { url: override.url, verifyToken }, subscribeFirst);
    }
    case 'setMenu':
      return api.setMenu?.(account, action.menu);
    case 'deleteMenu':
      return api.deleteMenu?.(account);
  }
}

function previousParameters(changes: readonly Change[]): Record<string, Json> {
  return Object.fromEntries(
    changes.map(({ field, before = null }): [string, Json] => {
      if (field === 'subscribed_fields' && Array.isArray(before)) return [field, before.join(',')];
      if (field === OWN_URL_FIELD) {
        return ['webhook_configuration', { override_callback_uri: before }];
      }
      if (field === 'get_started' && before !== null) return [field, { payload: before }];
      return [field, before];
    }),
  );
}

async function desiredSubscription(
  { fields, override }: Extract<RemoteAction, { call: 'subscribe' }>,
  { storedAccount }: ActionContext,
): Promise<DesiredSubscription> {
  if (!override) return { fields, override };
  const { verify_token } = await storedAccount(override.account);
  return { fields, override: { url: override.url, verifyToken: verify_token } };
}

/**
 * Returns the PIN of the account. A new PIN is stored before it is sent to Meta, so that it cannot
 * be lost.
 */
async function accountPin(name: string, context: ActionContext): Promise<string> {
  const { env, profile, redactor, storedAccount } = context;
  const account = await storedAccount(name);
  const known = (await readSecrets(env, profile, account, account, ['pin'])).get('pin');
  if (known !== undefined) return known;
  const pin = generatePin();
  redactor.add(pin);
  warnOfGeneratedSecret(context, account, PIN);
  await profile.change((draft, secrets) => {
    const stored = draft.accounts.find(({ id }) => id === account.id);
    if (stored !== undefined) stored.secrets.pin = secrets.put(name, 'pin', pin);
  });
  return pin;
}
