import type { Credentials, Graph } from '../graph/graph.ts';
import { ChannelctlError } from '../shared/errors.ts';
import type { Json } from '../shared/json.ts';
import type { Redactor } from '../shared/redactor.ts';
import { isSecretKey } from '../shared/secrets.ts';
import type { Environment } from '../state/settings.ts';
import type { Profile } from '../state/types.ts';
import type { Channel, ConnectPlan, ConnectStepName } from './channel.ts';
import { integrationOf } from './meta-app.ts';
import { keepPending, pendingSecrets } from './pending.ts';
import { type Owner, readSecrets, secretInEnvironment } from './secrets.ts';

/** What connecting needs of the world. */
export interface ConnectingWorld {
  env: Environment;
  profile: Profile;
  redactor: Redactor;
  graph(): Promise<Graph>;
  randomBytes(bytes: number): Buffer;
}

/** An account that is to be connected before it is stored. */
export interface NewConnection {
  channel: Channel;
  owner: Required<Owner>;
  /** What the person gave, secrets included. */
  given: Readonly<Record<string, Json>>;
  steps: ReadonlySet<ConnectStepName>;
}

export interface Connected {
  /** Meta's name of the account. */
  displayName: string | null;
  /** What connecting adds to what was given. */
  found: Record<string, string>;
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
    return store({ displayName: null, found: {} });
  }
  if (Object.keys(given).some(isSecretKey)) await world.profile.probe();
  const [connector, graph, credentials] = await Promise.all([
    channel.connector(),
    world.graph(),
    credentialsOf(world, connection),
  ]);
  const plan = await connector.plan({ graph, credentials, config: given, steps });
  const { value, found } = await secretOf(world, connection, plan);
  const done: string[] = [];
  try {
    for (const step of plan.steps) {
      await step.run(value);
      done.push(step.done);
    }
    return await store({ displayName: plan.displayName, found });
  } catch (error) {
    throw error instanceof ChannelctlError ? halfDone(error, done, plan) : error;
  }
}

async function credentialsOf(
  { env, profile }: ConnectingWorld,
  { owner, given }: NewConnection,
): Promise<Credentials> {
  const { channel } = owner;
  const integration = await integrationOf(channel, profile);
  const app = await readSecrets(env, profile, { channel }, integration, ['app_secret']);
  const token = given.access_token ?? secretInEnvironment(env, owner, 'access_token');
  return { token: String(token), appSecret: app.get('app_secret') };
}

interface StepSecret {
  value: string;
  /** It by its key, where the account has to keep it; empty where a variable holds it. */
  found: Record<string, string>;
}

/** What the steps send: given, in a variable, kept by an earlier try, or new. It is kept from here on. */
async function secretOf(
  { env, profile, randomBytes, redactor }: ConnectingWorld,
  { owner, given }: NewConnection,
  { secret, steps }: ConnectPlan,
): Promise<StepSecret> {
  const earlier = await earlierTry(profile, owner);
  if (secret === null) {
    // What an earlier try has sent already is the account's.
    if (steps.length > 0) await keepPending(profile, owner, earlier);
    return { value: '', found: Object.fromEntries(earlier) };
  }
  const { field, make } = secret;
  const variable = secretInEnvironment(env, owner, field);
  const value = String(given[field] ?? variable ?? earlier.get(field) ?? make(randomBytes));
  redactor.add(value);
  const found = given[field] === undefined && variable !== undefined ? {} : { [field]: value };
  await keepPending(profile, owner, new Map(Object.entries(found)));
  return { value, found };
}

async function earlierTry(profile: Profile, owner: Required<Owner>): Promise<Map<string, string>> {
  const marks = pendingSecrets(await profile.read(), owner);
  const values = await profile.readSecrets(Object.values(marks));
  return new Map(
    Object.entries(marks).flatMap(([field, { item }]) => {
      const value = values.get(item);
      return value === undefined ? [] : [[field, value] as const];
    }),
  );
}

/** A failure that also says what Meta has done by now, and how to go on. */
function halfDone(
  { kind, message, reason, hint, graph, cause }: ChannelctlError,
  done: readonly string[],
  { secret }: ConnectPlan,
): ChannelctlError {
  const steps =
    done.length === 0
      ? 'No step is known to be done at Meta, and no account was stored.'
      : `Meta has ${done.join(' and ')} already; the account was not stored.`;
  const same = secret === null ? '' : `, with the same ${secret.label} unless you give another`;
  return new ChannelctlError(kind, message, {
    reason: `${reason} ${steps}`,
    hint: `${hint} Then run the same command again: it finishes the rest${same}.`,
    graph,
    cause,
  });
}
