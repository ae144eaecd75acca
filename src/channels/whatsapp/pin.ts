import { findAccount } from '../../accounts/accounts.ts';
import {
  addPending,
  dropPending,
  dropPendingSecret,
  pendingSecrets,
} from '../../accounts/pending-connections.ts';
import {
  type Owner,
  ownerName,
  secretInEnvironment,
  secretVariable,
} from '../../accounts/secrets.ts';
import type { Credentials, Graph } from '../../graph/graph.ts';
import type { Environment } from '../../profile/settings.ts';
import type { Profile, SecretRef, StoredAccount } from '../../profile/types.ts';
import { usageError } from '../../shared/errors.ts';
import type { Redactor } from '../../shared/redactor.ts';
import { isWrongPin, makePin, registerNumber } from './api.ts';
import type { NumberIds } from './number.ts';

export interface PinContext {
  env: Environment;
  profile: Profile;
  redactor: Redactor;
  graph(): Promise<Graph>;
  now(): Date;
  warn(message: string, hint: string): void;
}

/** An account whose number is to be registered. */
interface Registering {
  account: StoredAccount;
  ids: NumberIds;
  credentials: Credentials;
}

/**
 * Registers the number of an account with the PIN that was given, or one that is known, or a new
 * one. It may become the number's PIN as soon as it is sent, so it is kept before that; another
 * that the account keeps stays until Meta has taken it.
 *
 * @throws ChannelctlError `usage` where a variable holds no PIN; then nothing was sent
 */
export async function registerAccount(
  { account, ids, credentials }: Registering,
  given: string | null,
  context: PinContext,
): Promise<void> {
  const { profile, redactor } = context;
  const { pin, isKept } = await pinFor(account, given, context);
  redactor.add(pin);
  const register = async () => registerNumber(await context.graph(), credentials, ids, pin);
  if (isKept) return register();
  if (account.secrets.pin === undefined) {
    await storePin(account, pin, context);
    return register();
  }
  const mark = await profile.change((draft, secrets) => {
    const sent = secrets.put(ownerName(account), 'pin', pin);
    addPending(draft, account, { pin: sent });
    return sent;
  });
  try {
    await register();
  } catch (error) {
    if (isWrongPin(error)) await profile.change((draft) => dropPendingSecret(draft, mark));
    throw error;
  }
  await storePin(account, pin, context);
}

/** Keeps the PIN of an account, in place of the one it had. Warns where a variable beats it. */
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
    `The variable ${variable} holds another PIN, and beats the one that is kept.`,
    `Put the new PIN into ${variable}, or unset it.`,
  );
}

/** @throws ChannelctlError `usage` where a variable holds something else than a PIN */
export function pinInVariable(env: Environment, owner: Owner): string | undefined {
  const pin = secretInEnvironment(env, owner, 'pin');
  if (pin === undefined || isPin(pin)) return pin;
  const variable = secretVariable(owner, 'pin');
  throw usageError(
    "The PIN can't be used.",
    `The variable ${variable} holds it, and a PIN is exactly six digits.`,
    `Put the PIN into ${variable}, or unset it.`,
  );
}

export function isPin(text: string): boolean {
  return /^\d{6}$/.test(text);
}

/** The PIN to send: as ever a variable beats what is kept, and of that what was sent last comes first. */
async function pinFor(
  account: StoredAccount,
  given: string | null,
  { env, profile }: PinContext,
): Promise<{ pin: string; isKept: boolean }> {
  const inVariable = given === null ? pinInVariable(env, account) : undefined;
  if (inVariable !== undefined) return { pin: inVariable, isKept: true };
  const sent = pendingSecrets(await profile.read(), account).pin;
  const marks = [sent, account.secrets.pin].filter((mark) => mark !== undefined);
  const values = await profile.readSecrets(marks);
  const secretOf = (mark: SecretRef | undefined) => values.get(mark?.item ?? '');
  const kept = secretOf(account.secrets.pin);
  const pin = given ?? secretOf(sent) ?? kept ?? makePin();
  return { pin, isKept: pin === kept };
}
