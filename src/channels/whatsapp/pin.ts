import { findAccount } from '../../accounts/accounts.ts';
import { warnOfGeneratedSecret } from '../../accounts/generated-secret.ts';
import {
  addPending,
  dropPending,
  dropPendingSecret,
  pendingSecrets,
} from '../../accounts/pending-connections.ts';
import {
  type Owner,
  ownedSecret,
  ownerName,
  secretInEnvironment,
  secretVariable,
} from '../../accounts/secrets.ts';
import type { Credentials, Graph } from '../../graph/graph.ts';
import type { Environment, Settings } from '../../profile/settings.ts';
import type { Profile, SecretRef, StoredAccount } from '../../profile/types.ts';
import { usageError } from '../../shared/errors.ts';
import type { Redactor } from '../../shared/redactor.ts';
import { generatePin, isWrongPin, registerNumber } from './api.ts';
import type { NumberIds } from './number.ts';

export const PIN = { field: 'pin', label: 'PIN' };

export interface PinContext {
  env: Environment;
  settings: Pick<Settings, 'secretStore' | 'value'>;
  profile: Profile;
  redactor: Redactor;
  graph(): Promise<Graph>;
  now(): Date;
  warn(message: string, hint: string): void;
}

interface RegistrationTarget {
  account: StoredAccount;
  ids: NumberIds;
  credentials: Credentials;
}

/**
 * Registers the number of an account. The PIN may take effect as soon as it is sent, so it is
 * stored first. The account's previous PIN is replaced only after Meta has accepted the new one.
 *
 * @param given the PIN; if null, a known one or a new one is used
 * @throws ChannelctlError `usage` if the PIN in a variable is invalid; nothing is sent in that case
 */
export async function registerAccount(
  { account, ids, credentials }: RegistrationTarget,
  given: string | null,
  context: PinContext,
): Promise<void> {
  const { profile, redactor } = context;
  const { pin, isStored } = await choosePin(account, given, context);
  redactor.add(pin);
  const register = async () => registerNumber(await context.graph(), credentials, ids, pin);
  if (isStored) return register();
  if (account.secrets.pin === undefined) {
    await storePin(account, pin, context);
    return register();
  }
  const pending = await profile.change((draft, secrets) => {
    const ref = secrets.put(ownerName(account), 'pin', pin);
    addPending(draft, account, { pin: ref });
    return ref;
  });
  try {
    await register();
  } catch (error) {
    if (isWrongPin(error)) await profile.change((draft) => dropPendingSecret(draft, pending));
    throw error;
  }
  await storePin(account, pin, context);
}

/** Stores the PIN of an account. Warns if a variable contains a different one. */
export async function storePin(
  account: StoredAccount,
  pin: string,
  context: PinContext,
): Promise<void> {
  await context.profile.change((draft, secrets) => {
    const stored = findAccount(draft, account.id);
    stored.secrets.pin = secrets.put(ownerName(stored), 'pin', pin);
    stored.updated_at = context.now().toISOString();
    dropPending(draft, stored);
  });
  const inVariable = secretInEnvironment(context.env, account, 'pin');
  if (inVariable === undefined || inVariable === pin) return;
  const variable = secretVariable(account, 'pin');
  context.warn(
    `The variable ${variable} contains a different PIN, which overrides the stored one.`,
    `Set ${variable} to the new PIN, or unset it.`,
  );
}

/** @throws ChannelctlError `usage` if the variable does not contain a PIN */
export function pinInVariable(env: Environment, owner: Owner): string | undefined {
  const pin = secretInEnvironment(env, owner, 'pin');
  if (pin === undefined || isPin(pin)) return pin;
  const variable = secretVariable(owner, 'pin');
  throw usageError(`The PIN in ${variable} is invalid.`, {
    reason: 'A PIN must be exactly six digits.',
    hint: `Correct ${variable}, or unset it.`,
  });
}

export function isPin(text: string): boolean {
  return /^\d{6}$/.test(text);
}

/**
 * Returns the first of these PINs: the given one, that of the variable, that of an unfinished
 * registration, the account's, a new one. A PIN in a variable counts as stored.
 */
async function choosePin(
  account: StoredAccount,
  given: string | null,
  context: PinContext,
): Promise<{ pin: string; isStored: boolean }> {
  const { env, profile } = context;
  const inVariable = given === null ? pinInVariable(env, account) : undefined;
  if (inVariable !== undefined) return { pin: inVariable, isStored: true };
  const pending = pendingSecrets(await profile.read(), account).pin;
  const own = account.secrets.pin;
  const values = await profile.readSecrets([
    ...(pending === undefined ? [] : [ownedSecret(account, undefined, PIN.field, pending)]),
    ...(own === undefined ? [] : [ownedSecret(account, account.config, PIN.field, own)]),
  ]);
  const secretValue = (ref: SecretRef | undefined) => values.get(ref?.item ?? '');
  const stored = secretValue(own);
  const known = given ?? secretValue(pending) ?? stored;
  if (known === undefined) warnOfGeneratedSecret(context, account, PIN);
  return { pin: known ?? generatePin(), isStored: known !== undefined && known === stored };
}
