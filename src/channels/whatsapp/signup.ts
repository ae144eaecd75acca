import {
  accountByKey,
  accountName,
  type IdSource,
  upsertAccount,
} from '../../accounts/accounts.ts';
import { addPending, dropPending, pendingSecrets } from '../../accounts/pending-connections.ts';
import { ownedSecret, ownerName } from '../../accounts/secrets.ts';
import type { Credentials } from '../../graph/graph.ts';
import type { Profile, ProfileState, SecretEdits, StoredAccount } from '../../profile/types.ts';
import { afterSteps } from '../../shared/continuation.ts';
import { ChannelctlError } from '../../shared/errors.ts';
import type { Redactor } from '../../shared/redactor.ts';
import { expiryOf, type NewToken } from '../channel.ts';
import { appIdOf, type MetaApp } from '../meta/app.ts';
import { NO_NUMBER_LEVEL } from '../meta/webhooks.ts';
import { type NumberState, readNumber } from './api.ts';
import { ensureSubscribed, subscribeQuestion } from './levels.ts';
import { correctWaba, membershipError, readMembership } from './membership.ts';
import type { NumberIds } from './number.ts';
import { type PinContext, registerAccount, storePin } from './pin.ts';
import {
  assertRegistrable,
  BUSINESS_APP_KEY,
  registerHint,
  staysInBusinessApp,
} from './registration.ts';

const CHANNEL = 'whatsapp';
const TOKEN = 'access_token';

export interface Signup extends NumberIds {
  /** Null to use the stored PIN or to generate one. */
  pin: string | null;
  register: boolean;
  isInBusinessApp: boolean;
}

export interface SignupContext extends PinContext, IdSource {
  divisionId: string | null;
  confirm(question: string): Promise<void>;
  /** Finds the WABA of the number, if the one in the sign-up is wrong; null if unknown. */
  findWaba(): Promise<string | null>;
}

/** A business token. `expiresAt` is in ISO 8601; null if it never expires or Meta omits it. */
export interface SignupCredentials extends Credentials {
  expiresAt: string | null;
}

/** Exchanges the code of Embedded Signup for a business token. The code works only once. */
export async function exchangeSignupCode(
  code: string,
  app: MetaApp,
  context: Pick<SignupContext, 'graph' | 'redactor' | 'now'>,
): Promise<SignupCredentials> {
  const graph = await context.graph();
  const client = { client_id: app.id, client_secret: app.secret };
  const answer = await graph.call('exchangeSignupCode', { ...client, code }, null);
  const token = answer.access_token;
  context.redactor.add(token);
  return { token, appSecret: app.secret, expiresAt: expiryOf(answer, context.now()) };
}

export function signupOwner(phoneNumberId: string) {
  return { channel: CHANNEL, account_key: `wa-${phoneNumberId}` };
}

/**
 * Returns the owner of a sign-up's token until the number is known. No account has this key.
 *
 * @param wabaId null if the WABA is not known either
 */
function pendingOwner(wabaId: string | null) {
  return { channel: CHANNEL, account_key: `waba-${wabaId ?? 'unknown'}` };
}

/** Stores a sign-up's token before its number is known, because its code works only once. */
export async function storeSignupToken(
  wabaId: string | null,
  { token, expiresAt }: SignupCredentials,
  profile: Profile,
): Promise<void> {
  await profile.change((draft, secrets) => {
    const owner = pendingOwner(wabaId);
    const ref = secrets.put(ownerName(owner), 'access_token', token);
    const access_token = expiresAt === null ? ref : { ...ref, expires_at: expiresAt };
    addPending(draft, owner, { access_token });
  });
}

/** Returns the stored token of a sign-up for this or an unknown WABA, or null. */
export async function readSignupToken(
  wabaId: string,
  { profile, redactor }: { profile: Profile; redactor: Redactor },
): Promise<NewToken | null> {
  const state = await profile.read();
  const [found] = [wabaId, null].flatMap((id) => {
    const owner = pendingOwner(id);
    const ref = pendingSecrets(state, owner)[TOKEN];
    return ref === undefined ? [] : [{ owner, ref }];
  });
  if (found === undefined) return null;
  const { owner, ref } = found;
  const secret = ownedSecret(owner, undefined, TOKEN, ref);
  const token = (await profile.readSecrets([secret])).get(ref.item);
  if (token === undefined) return null;
  redactor.add(token);
  return { token, expiresAt: ref.expires_at ?? null };
}

/**
 * Stores or updates the account first, because the sign-up's code works only once. Then sets the
 * account's name, subscribes the app and registers the number.
 *
 * @throws ChannelctlError of the failed step, with the commands for the remaining steps
 */
export async function connectSignup(
  signup: Signup,
  credentials: SignupCredentials,
  context: SignupContext,
): Promise<StoredAccount> {
  const account = await context.profile.change((draft, secrets) =>
    storeSignup(draft, secrets, signup, credentials, context),
  );
  const name = accountName(account);
  const own = { ...credentials, accountName: name };
  const isKnownInApp = staysInBusinessApp(account.config);
  const remaining = [
    `channelctl whatsapp subscribe ${name}`,
    ...(signup.register && !isKnownInApp ? [`channelctl whatsapp register ${name}`] : []),
  ];
  return withRemainingSteps(name, remaining, async () => {
    const graph = await context.graph();
    const [number, membership] = await Promise.all([
      tryReadNumber(account, own, signup, context),
      readMembership(graph, own, signup),
    ]);
    const named = await completeAccount(account, number, context);
    const isInApp = staysInBusinessApp(named.config);
    if (isInApp && !isKnownInApp) remaining.splice(1);
    if (['inaccessible', 'portfolio', 'other'].includes(membership)) {
      const correct = correctWaba(name, (await context.findWaba()) ?? undefined);
      throw (
        membershipError(signup, membership, 'graph', correct) ?? inaccessibleWaba(signup, correct)
      );
    }
    await subscribe(account, own, context);
    remaining.shift();
    const toRegister = signup.register && !isInApp && !number.isRegistered;
    if (toRegister) {
      assertRegistrable(number, registerHint(name));
      await registerAccount({ account: named, ids: signup, credentials: own }, signup.pin, context);
    } else if (signup.pin !== null) {
      const reason = number.isRegistered
        ? 'the number is already registered'
        : 'registration was skipped';
      await storeUnsentPin(named, signup.pin, reason, context);
    }
    return named;
  });
}

/** A sign-up's token always has access to the chosen WABA, so the WABA ID must be wrong. */
function inaccessibleWaba({ wabaId }: NumberIds, hint: string): ChannelctlError {
  return new ChannelctlError('graph', `The token has no access to WABA ${wabaId}.`, {
    reason: 'A sign-up token is valid only for the WABA chosen during that sign-up.',
    hint,
  });
}

async function subscribe(
  { config }: StoredAccount,
  credentials: Credentials,
  { graph, profile, confirm }: SignupContext,
): Promise<void> {
  const { accounts, integrations } = await profile.read();
  const appId = appIdOf(integrations.find(({ channel }) => channel === CHANNEL));
  const question = subscribeQuestion(config, accounts);
  await ensureSubscribed({ graph: await graph(), credentials, config, appId }, async () => {
    if (question !== null) await confirm(question);
  });
}

function storeSignup(
  draft: ProfileState,
  secrets: SecretEdits,
  { phoneNumberId, wabaId, isInBusinessApp }: Signup,
  { token, expiresAt }: SignupCredentials,
  context: SignupContext,
): StoredAccount {
  const owner = signupOwner(phoneNumberId);
  const access_token = secrets.put(ownerName(owner), 'access_token', token);
  for (const pending of [wabaId, null]) dropPending(draft, pendingOwner(pending));
  const isNew = accountByKey(draft, CHANNEL, owner.account_key) === undefined;
  const pending = isNew ? pendingSecrets(draft, owner) : {};
  if (isNew) dropPending(draft, owner);
  return upsertAccount(
    draft,
    {
      ...owner,
      config: {
        phone_number_id: phoneNumberId,
        waba_id: wabaId,
        token_expires_at: expiresAt ?? undefined,
        ...(isInBusinessApp && { [BUSINESS_APP_KEY]: true }),
      },
      secrets: { ...pending, access_token },
      initial: { division_id: context.divisionId },
    },
    context,
  );
}

async function completeAccount(
  account: StoredAccount,
  { verifiedName, isInBusinessApp }: NumberState,
  { profile }: SignupContext,
): Promise<StoredAccount> {
  const isNamed = account.display_name !== null || verifiedName === null;
  const isMarked = !isInBusinessApp || staysInBusinessApp(account.config);
  if (isNamed && isMarked) return account;
  return profile.change((draft) => {
    const stored = accountByKey(draft, CHANNEL, account.account_key) ?? account;
    stored.display_name ??= verifiedName;
    if (isInBusinessApp) stored.config[BUSINESS_APP_KEY] = true;
    return stored;
  });
}

/** A number that cannot be read is connected like a new one. */
async function tryReadNumber(
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
        `The name of ${name} could not be read: ${error.description}`,
        `Set it: channelctl accounts update ${name} --display-name …`,
      );
    }
    return {
      verifiedName: null,
      status: null,
      urls: NO_NUMBER_LEVEL,
      isRegistered: false,
      isInBusinessApp: false,
      codeVerification: null,
      nameStatus: null,
    };
  }
}

async function storeUnsentPin(
  account: StoredAccount,
  pin: string,
  reason: string,
  context: SignupContext,
): Promise<void> {
  if (account.secrets.pin === undefined) await storePin(account, pin, context);
  context.warn(
    `The PIN was not sent to Meta, because ${reason}.`,
    `To change the PIN at Meta, run: channelctl whatsapp pin set ${accountName(account)}`,
  );
}

async function withRemainingSteps<Value>(
  name: string,
  remaining: readonly string[],
  steps: () => Promise<Value>,
): Promise<Value> {
  const continuation = {
    done: `The account ${name} and its token are stored; the code is no longer needed.`,
    get next() {
      return `To finish, run: ${remaining.join(', then ')}`;
    },
  };
  return afterSteps(continuation, steps);
}
