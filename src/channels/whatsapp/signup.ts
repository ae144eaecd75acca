import {
  accountByKey,
  accountName,
  type IdSource,
  upsertAccount,
} from '../../accounts/accounts.ts';
import { addPending, dropPending, pendingSecrets } from '../../accounts/pending-connections.ts';
import { ownerName } from '../../accounts/secrets.ts';
import type { Credentials } from '../../graph/graph.ts';
import type { Profile, ProfileState, SecretEdits, StoredAccount } from '../../profile/types.ts';
import { ChannelctlError } from '../../shared/errors.ts';
import type { Redactor } from '../../shared/redactor.ts';
import type { MetaApp } from '../meta/app.ts';
import { type NumberState, readNumber, subscribeApp } from './api.ts';
import type { NumberIds } from './number.ts';
import { type PinContext, registerAccount, storePin } from './pin.ts';

const CHANNEL = 'whatsapp';

/** What Embedded Signup ends with, and what the person wants done with it. */
export interface Signup extends NumberIds {
  /** Null where one that is kept is to be used, or a new one. */
  pin: string | null;
  /** False for a number that stays in the phone's app. */
  register: boolean;
}

export interface SignupContext extends PinContext, IdSource {
  divisionId: string | null;
}

/** Exchanges the code of Embedded Signup for a business token. The code is spent by it. */
export async function exchangeSignupCode(
  code: string,
  app: MetaApp,
  context: SignupContext,
): Promise<Credentials> {
  const graph = await context.graph();
  const client = { client_id: app.id, client_secret: app.secret };
  const answer = await graph.call('exchangeSignupCode', { ...client, code }, null);
  const token = answer.access_token;
  context.redactor.add(token);
  return { token, appSecret: app.secret };
}

/** Who has the secrets of a number. */
export function signupOwner(phoneNumberId: string) {
  return { channel: CHANNEL, account_key: `wa-${phoneNumberId}` };
}

/** Whose the token of a sign-up is until its number is known. No account is named so. */
function unnumbered(wabaId: string) {
  return { channel: CHANNEL, account_key: `waba-${wabaId}` };
}

/** Keeps the token of a sign-up whose number is not known yet: its code is spent. */
export async function storeSignupToken(
  wabaId: string,
  { token }: Credentials,
  profile: Profile,
): Promise<void> {
  await profile.change((draft, secrets) => {
    const owner = unnumbered(wabaId);
    const access_token = secrets.put(ownerName(owner), 'access_token', token);
    addPending(draft, owner, { access_token });
  });
}

/** The token that a sign-up for this WABA has left; null where none has. */
export async function storedSignupToken(
  wabaId: string,
  { profile, redactor }: { profile: Profile; redactor: Redactor },
): Promise<string | null> {
  const { access_token: mark } = pendingSecrets(await profile.read(), unnumbered(wabaId));
  if (mark === undefined) return null;
  const token = (await profile.readSecrets([mark])).get(mark.item);
  if (token !== undefined) redactor.add(token);
  return token ?? null;
}

/**
 * Stores or updates the account at once, for the code that gave its token works only once, and
 * then names it, subscribes the app and registers the number.
 *
 * @throws ChannelctlError of the step that failed, with the command that finishes it
 */
export async function connectSignup(
  signup: Signup,
  credentials: Credentials,
  context: SignupContext,
): Promise<StoredAccount> {
  const account = await context.profile.change((draft, secrets) =>
    storeSignup(draft, secrets, signup, credentials.token, context),
  );
  const name = accountName(account);
  const own = { ...credentials, accountName: name };
  const left = [
    `channelctl whatsapp subscribe ${name}`,
    ...(signup.register ? [`channelctl whatsapp register ${name}`] : []),
  ];
  return finishing(name, left, async () => {
    const number = await lookAtNumber(account, own, signup, context);
    const named = await nameAccount(account, number.verifiedName, context);
    await subscribeApp(await context.graph(), own, signup);
    left.shift();
    if (signup.register && !number.isRegistered) {
      await registerAccount({ account: named, ids: signup, credentials: own }, signup.pin, context);
    } else if (signup.pin !== null) {
      const why = number.isRegistered ? 'is registered already' : 'is not to be registered';
      await leaveUnsent(named, signup.pin, why, context);
    }
    return named;
  });
}

/** The account with its new token, and a new one with what an earlier try has kept for it. */
function storeSignup(
  draft: ProfileState,
  secrets: SecretEdits,
  { phoneNumberId, wabaId }: Signup,
  token: string,
  context: SignupContext,
): StoredAccount {
  const owner = signupOwner(phoneNumberId);
  const access_token = secrets.put(ownerName(owner), 'access_token', token);
  dropPending(draft, unnumbered(wabaId));
  const isNew = accountByKey(draft, CHANNEL, owner.account_key) === undefined;
  const earlier = isNew ? pendingSecrets(draft, owner) : {};
  if (isNew) dropPending(draft, owner);
  return upsertAccount(
    draft,
    {
      ...owner,
      config: { phone_number_id: phoneNumberId, waba_id: wabaId },
      secrets: { ...earlier, access_token },
      initial: { division_id: context.divisionId },
    },
    context,
  );
}

/** Names the account after the number where it has no name yet. */
async function nameAccount(
  account: StoredAccount,
  verifiedName: string | null,
  { profile }: SignupContext,
): Promise<StoredAccount> {
  if (account.display_name !== null || verifiedName === null) return account;
  return profile.change((draft) => {
    const stored = accountByKey(draft, CHANNEL, account.account_key) ?? account;
    stored.display_name ??= verifiedName;
    return stored;
  });
}

/** What is known of the number. Where Meta does not tell, the steps go on as for a new one. */
async function lookAtNumber(
  account: StoredAccount,
  credentials: Credentials,
  ids: NumberIds,
  context: SignupContext,
): Promise<NumberState> {
  try {
    return await readNumber(await context.graph(), credentials, ids);
  } catch (error) {
    if (!(error instanceof ChannelctlError) || error.kind === 'cancelled') throw error;
    const name = accountName(account);
    if (account.display_name === null) {
      context.warn(
        `${name} has no name: ${error.description}`,
        `Name it: channelctl accounts update ${name} --display-name …`,
      );
    }
    return { verifiedName: null, isRegistered: false };
  }
}

/** Says that a PIN was not sent. An account that has none keeps it all the same. */
async function leaveUnsent(
  account: StoredAccount,
  pin: string,
  why: string,
  context: SignupContext,
): Promise<void> {
  if (account.secrets.pin === undefined) await storePin(account, pin, context);
  context.warn(
    `The PIN was not sent to Meta, for the number ${why}.`,
    `Change its PIN with: channelctl whatsapp pin set ${accountName(account)}`,
  );
}

async function finishing<Value>(
  name: string,
  left: readonly string[],
  steps: () => Promise<Value>,
): Promise<Value> {
  try {
    return await steps();
  } catch (error) {
    if (!(error instanceof ChannelctlError)) throw error;
    throw error.with({
      reason: `${error.reason} The account ${name} is stored with its token: the code is not needed again.`,
      hint: `${error.hint} Then finish it: ${left.join(', then ')}`,
    });
  }
}
