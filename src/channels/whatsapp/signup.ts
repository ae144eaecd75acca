import type { Credentials, Graph } from '../../graph/graph.ts';
import { ChannelctlError } from '../../shared/errors.ts';
import type { Redactor } from '../../shared/redactor.ts';
import type { Environment } from '../../state/settings.ts';
import type { Profile, ProfileState, SecretEdits, StoredAccount } from '../../state/types.ts';
import { accountByKey, accountName, addAccount, type Making } from '../accounts.ts';
import type { MetaApp } from '../meta-app.ts';
import { dropPending, pendingSecrets } from '../pending.ts';
import { ownerName, readSecrets } from '../secrets.ts';
import { makePin, readNumber, registerNumber, subscribeApp } from './calls.ts';
import type { NumberIds } from './number.ts';

const CHANNEL = 'whatsapp';

/** What Embedded Signup ends with, and what the person wants done with it. */
export interface Signup extends NumberIds {
  /** Null where one that is kept is to be used, or a new one. */
  pin: string | null;
  /** False for a number that stays in the phone's app. */
  register: boolean;
}

export interface SignupWorld extends Making {
  env: Environment;
  profile: Profile;
  redactor: Redactor;
  graph(): Promise<Graph>;
  divisionId: string | null;
}

/** Exchanges the code of Embedded Signup for a business token. The code is spent by it. */
export async function exchangeSignupCode(
  code: string,
  app: MetaApp,
  world: SignupWorld,
): Promise<Credentials> {
  const graph = await world.graph();
  const client = { client_id: app.id, client_secret: app.secret };
  const answer = await graph.call('exchangeSignupCode', { ...client, code }, null);
  const token = answer.access_token;
  world.redactor.add(token);
  return { token, appSecret: app.secret };
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
  world: SignupWorld,
): Promise<StoredAccount> {
  const graph = await world.graph();
  const account = await world.profile.change((draft, secrets) =>
    storeSignup(draft, secrets, signup, credentials.token, world),
  );
  const name = accountName(account);
  const left = [
    `channelctl whatsapp subscribe ${name}`,
    ...(signup.register ? [`channelctl whatsapp register ${name}`] : []),
  ];
  return finishing(name, left, async () => {
    const number = await readNumber(graph, credentials, signup);
    const named = await nameAccount(account, number.verifiedName, world);
    await subscribeApp(graph, credentials, signup);
    left.shift();
    if (!signup.register || number.isRegistered) return named;
    await registerNumber(graph, credentials, signup, await pinOf(named, world));
    return named;
  });
}

/** The account with its new token; a PIN that was given, or kept by an earlier try, is kept with it. */
function storeSignup(
  draft: ProfileState,
  secrets: SecretEdits,
  { phoneNumberId, wabaId, pin }: Signup,
  token: string,
  world: SignupWorld,
): StoredAccount {
  const owner = { channel: CHANNEL, account_key: `wa-${phoneNumberId}` };
  const added = {
    ...pendingSecrets(draft, owner),
    access_token: secrets.put(ownerName(owner), 'access_token', token),
    ...(pin === null ? {} : { pin: secrets.put(ownerName(owner), 'pin', pin) }),
  };
  dropPending(draft, owner);
  const config = { phone_number_id: phoneNumberId, waba_id: wabaId };
  const existing = accountByKey(draft, CHANNEL, owner.account_key);
  if (existing !== undefined) {
    Object.assign(existing.config, config);
    Object.assign(existing.secrets, added);
    existing.updated_at = world.now().toISOString();
    return existing;
  }
  const account = {
    ...owner,
    display_name: null,
    is_active: true,
    is_default: false,
    config,
    secrets: added,
    division_id: world.divisionId,
  };
  return addAccount(draft, account, world);
}

/** Names the account after the number where it has no name yet. */
async function nameAccount(
  account: StoredAccount,
  verifiedName: string | null,
  { profile }: SignupWorld,
): Promise<StoredAccount> {
  if (account.display_name !== null || verifiedName === null) return account;
  return profile.change((draft) => {
    const stored = accountByKey(draft, CHANNEL, account.account_key) ?? account;
    stored.display_name ??= verifiedName;
    return stored;
  });
}

/** The PIN that the account keeps. A new one is kept before it is sent. */
async function pinOf(account: StoredAccount, world: SignupWorld): Promise<string> {
  const { env, profile, redactor, randomBytes } = world;
  const kept = await readSecrets(env, profile, account, account, ['pin']);
  const pin = kept.get('pin') ?? makePin(randomBytes);
  redactor.add(pin);
  if (kept.has('pin')) return pin;
  await profile.change((draft, secrets) => {
    const stored = accountByKey(draft, CHANNEL, account.account_key);
    if (stored !== undefined) stored.secrets.pin = secrets.put(ownerName(account), 'pin', pin);
  });
  return pin;
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
    const { kind, message, reason, hint, graph, cause } = error;
    throw new ChannelctlError(kind, message, {
      reason: `${reason} The account ${name} is stored with its token: the code is not needed again.`,
      hint: `${hint} Then finish it: ${left.join(', then ')}`,
      graph,
      cause,
    });
  }
}
