import { assertKeyAvailable } from '../accounts/accounts.ts';
import type { ConfigChange } from '../accounts/config.ts';
import { missingSecret } from '../accounts/missing-secret.ts';
import { addPending, dropPendingSecret, pendingSecrets } from '../accounts/pending-connections.ts';
import { type Owner, ownerName, secretInEnvironment, secretVariable } from '../accounts/secrets.ts';
import type { Credentials, Graph } from '../graph/graph.ts';
import type { Environment } from '../profile/settings.ts';
import type { Profile, SecretRef } from '../profile/types.ts';
import { ChannelctlError, storageError } from '../shared/errors.ts';
import type { Json } from '../shared/json.ts';
import type { Redactor } from '../shared/redactor.ts';
import { isSecretKey, type SecretStoreName } from '../shared/secrets.ts';
import type { Channel, ConnectPlan, ConnectSecret, ConnectStepName } from './channel.ts';
import { loadCredentials } from './meta/credentials.ts';

/** What connecting needs of the world. */
export interface ConnectingWorld {
  env: Environment;
  settings: { secretStore: SecretStoreName };
  profile: Profile;
  redactor: Redactor;
  graph(): Promise<Graph>;
  warn(message: string, hint: string): void;
}

/** An account that is to be connected before it is stored. */
export interface NewConnection {
  channel: Channel;
  owner: Required<Owner>;
  /** What the person gave, secrets included, and no mask in place of one. */
  given: Readonly<Record<string, Json>>;
  steps: ReadonlySet<ConnectStepName>;
}

export interface Connected {
  /** Meta's name of the account. */
  displayName: string | null;
  /** What connecting changes of what was given, and of what earlier tries kept. */
  found: ConfigChange;
}

/**
 * Connects an account at Meta, then stores it. What a step sends is kept before it is sent, so
 * that the same command finishes what this one began.
 *
 * @param store keeps the account, when everything else is done
 */
export async function connectThenStore<Stored>(
  world: ConnectingWorld,
  connection: NewConnection,
  store: (connected: Connected) => Promise<Stored>,
): Promise<Stored> {
  const { channel, given, steps } = connection;
  if (channel.connector === undefined || steps.size === 0) {
    return store({ displayName: null, found: await unsent(world, connection) });
  }
  if (Object.keys(given).some(isSecretKey)) await world.profile.assertWritable();
  const [connector, graph, credentials] = await Promise.all([
    channel.connector(),
    world.graph(),
    credentialsOf(world, connection),
  ]);
  const plan = await connector.plan({ graph, credentials, config: given, steps });
  const { value, mark, found } = await keptFor(world, connection, plan);
  const done = [...plan.done];
  try {
    for (const step of plan.steps) {
      await step.run(value);
      done.push(step.done);
    }
    return await store({ displayName: plan.displayName, found });
  } catch (error) {
    if (!(error instanceof ChannelctlError)) throw error;
    const isRefused = plan.secret?.isRefused(error) === true;
    if (isRefused && mark !== null) {
      await world.profile.change((draft) => dropPendingSecret(draft, mark));
    }
    throw halfDone(error, done, plan.secret, isRefused);
  }
}

async function credentialsOf(
  { env, profile }: ConnectingWorld,
  { owner, given }: NewConnection,
): Promise<Credentials> {
  const ownSecret = ({ account_key }: Owner, field: string) => {
    const value = account_key === undefined ? undefined : given[field];
    return value === undefined ? undefined : String(value);
  };
  const [credentials] = await loadCredentials([{ owner, stored: undefined }], {
    env,
    profile,
    given: ownSecret,
  });
  return credentials ?? { token: '' };
}

/** What the steps send. */
interface StepSecret {
  value: string;
  /** Where it is kept until the account is stored; null where a variable holds it, or none is sent. */
  mark: SecretRef | null;
  found: ConfigChange;
}

/**
 * Finds what the steps send: given, in a variable, kept by an earlier try, or new. It is kept from
 * here on, and the account can be stored: what follows can't be taken back.
 */
async function keptFor(
  world: ConnectingWorld,
  connection: NewConnection,
  { secret, steps }: ConnectPlan,
): Promise<StepSecret> {
  const { env, redactor } = world;
  const { owner, given } = connection;
  if (secret === null) {
    if (steps.length > 0) await begin(world, owner);
    return { value: '', mark: null, found: await unsent(world, connection) };
  }
  const { field } = secret;
  const variable = given[field] === undefined ? secretInEnvironment(env, owner, field) : undefined;
  if (variable !== undefined) {
    redactor.add(variable);
    await begin(world, owner);
    return { value: variable, mark: null, found: { set: {}, unset: [field] } };
  }
  const { value, mark } = await keep(world, connection, secret);
  redactor.add(value);
  return { value, mark, found: { set: { [field]: value }, unset: [] } };
}

async function begin({ profile }: ConnectingWorld, owner: Required<Owner>): Promise<void> {
  await profile.change((draft) => {
    assertKeyAvailable(draft, owner.channel, owner.account_key);
    addPending(draft, owner, {});
  });
}

/** Keeps what was given, or else what an earlier try has sent, or else a new one. */
async function keep(
  { settings, profile }: ConnectingWorld,
  { owner, given }: NewConnection,
  { field, label, make }: ConnectSecret,
): Promise<{ value: string; mark: SecretRef }> {
  const wanted = given[field] === undefined ? undefined : String(given[field]);
  const earlier = wanted === undefined ? new Map() : await earlierValues(profile, owner, [field]);
  const { value, mark } = await profile.change((draft, edits) => {
    assertKeyAvailable(draft, owner.channel, owner.account_key);
    const kept = pendingSecrets(draft, owner)[field];
    // Another process may have kept it a moment ago, which is why it is looked up here.
    if (kept !== undefined && (wanted === undefined || earlier.get(kept.item) === wanted)) {
      return { value: wanted, mark: kept };
    }
    const value = wanted ?? make();
    const mark = edits.put(ownerName(owner), field, value);
    addPending(draft, owner, { [field]: mark });
    return { value, mark };
  });
  const sent = value ?? (await profile.readSecrets([mark])).get(mark.item);
  if (sent !== undefined) return { value: sent, mark };
  const what = `The ${label} that an earlier try kept for ${ownerName(owner)}`;
  if (settings.secretStore !== 'env') {
    throw missingSecret(owner, [field], `run it with --config ${field}=@file`, what);
  }
  throw storageError(
    `${what} can't be read.`,
    `It is kept in "${mark.store}", while CHANNELCTL_SECRETS=env reads variables alone.`,
    `Set CHANNELCTL_SECRETS=${mark.store}, or ${secretVariable(owner, field)}.`,
  );
}

/** What is not sent is not checked by Meta: what an earlier try has sent stays in place of it. */
async function unsent(
  { profile, warn }: ConnectingWorld,
  { owner, given }: NewConnection,
): Promise<ConfigChange> {
  const marks = Object.entries(pendingSecrets(await profile.read(), owner));
  const fields = marks.map(([field]) => field).filter((field) => given[field] !== undefined);
  const earlier = await earlierValues(profile, owner, fields);
  const set: Record<string, string> = {};
  for (const [field, { item }] of marks) {
    const value = earlier.get(item);
    if (value === undefined || value === given[field]) continue;
    set[field] = value;
    warn(
      `The ${field} that was given is not stored: another one was sent to Meta by an earlier try.`,
      `If Meta has refused that one: channelctl accounts update ${ownerName(owner)} --config ${field}=@file`,
    );
  }
  return { set, unset: [] };
}

/** What earlier tries kept under some keys, by the items of the store. */
async function earlierValues(
  profile: Profile,
  owner: Required<Owner>,
  fields: readonly string[],
): Promise<Map<string, string>> {
  const marks = Object.entries(pendingSecrets(await profile.read(), owner));
  return profile.readSecrets(
    marks.filter(([field]) => fields.includes(field)).map(([, mark]) => mark),
  );
}

/** A failure that also says what Meta has done by now, and how to go on. */
function halfDone(
  error: ChannelctlError,
  done: readonly string[],
  secret: ConnectSecret | null,
  isRefused: boolean,
): ChannelctlError {
  const steps =
    done.length === 0
      ? 'No step is known to be done at Meta, and no account was stored.'
      : `Meta has ${done.join(' and ')} already; the account was not stored.`;
  const same = secret === null ? '' : `, with the same ${secret.label} unless you give another`;
  const again = isRefused
    ? `run the command again with that ${secret?.label}: it finishes the rest.`
    : `run the same command again: it finishes the rest${same}.`;
  return error.with({
    reason: `${error.reason} ${steps}`,
    hint: error.kind === 'cancelled' ? `To go on, ${again}` : `${error.hint} Then ${again}`,
  });
}
