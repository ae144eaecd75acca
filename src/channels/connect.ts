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

/** The part of the command context that connecting uses. */
export interface ConnectContext {
  env: Environment;
  settings: { secretStore: SecretStoreName };
  profile: Profile;
  redactor: Redactor;
  graph(): Promise<Graph>;
  warn(message: string, hint: string): void;
}

/** A request to connect an account that is not stored yet. */
export interface ConnectRequest {
  channel: Channel;
  owner: Required<Owner>;
  /** The configuration from the options, with its secrets in plain text. */
  given: Readonly<Record<string, Json>>;
  steps: ReadonlySet<ConnectStepName>;
}

export interface ConnectedAccount {
  /** Meta's name of the account. */
  displayName: string | null;
  /** The change to the configuration that was given and to the pending one of earlier attempts. */
  configChange: ConfigChange;
}

/**
 * Connects an account at Meta, then stores it. The secret that a step sends is stored before it is
 * sent, so that running the same command again completes an interrupted one.
 *
 * @param store stores the account, after all steps
 * @throws ChannelctlError of the step that failed, with the steps that are done and how to continue
 */
export async function connectThenStore<Stored>(
  context: ConnectContext,
  request: ConnectRequest,
  store: (connected: ConnectedAccount) => Promise<Stored>,
): Promise<Stored> {
  const { channel, given, steps } = request;
  if (channel.connector === undefined || steps.size === 0) {
    return store({ displayName: null, configChange: await keepSentSecrets(context, request) });
  }
  if (Object.keys(given).some(isSecretKey)) await context.profile.assertWritable();
  const [connector, graph, credentials] = await Promise.all([
    channel.connector(),
    context.graph(),
    requestCredentials(context, request),
  ]);
  const plan = await connector.plan({ graph, credentials, config: given, steps });
  const { value, ref, configChange } = await prepareSecret(context, request, plan);
  const done = [...plan.done];
  try {
    for (const step of plan.steps) {
      await step.run(value);
      done.push(step.done);
    }
    return await store({ displayName: plan.displayName, configChange });
  } catch (error) {
    if (!(error instanceof ChannelctlError)) throw error;
    const isRefused = plan.secret?.isRefused(error) === true;
    if (isRefused && ref !== null) {
      await context.profile.change((draft) => dropPendingSecret(draft, ref));
    }
    throw partialFailure(error, done, plan.secret, isRefused);
  }
}

async function requestCredentials(
  { env, profile }: ConnectContext,
  { owner, given }: ConnectRequest,
): Promise<Credentials> {
  const [credentials] = await loadCredentials([{ owner, stored: undefined }], {
    env,
    profile,
    given: ({ account_key }, field) =>
      // The secrets of the integration are not in the options.
      account_key === undefined ? undefined : textField(given, field),
  });
  return credentials ?? { token: '' };
}

function textField(given: ConnectRequest['given'], field: string): string | undefined {
  const value = given[field];
  return value === undefined ? undefined : String(value);
}

/** The secret that the steps send. */
interface StepSecret {
  value: string;
  /** Where it is stored until the account is; null if it is from a variable, or none is sent. */
  ref: SecretRef | null;
  configChange: ConfigChange;
}

/**
 * The secret that the steps send: from the options, a variable, an earlier attempt, or generated.
 * It is stored before it returns, and the account key is known to be available, because the steps
 * can't be undone.
 */
async function prepareSecret(
  context: ConnectContext,
  request: ConnectRequest,
  { secret, steps }: ConnectPlan,
): Promise<StepSecret> {
  const { env, redactor } = context;
  const { owner, given } = request;
  if (secret === null) {
    if (steps.length > 0) await beginConnection(context, owner);
    return { value: '', ref: null, configChange: await keepSentSecrets(context, request) };
  }
  const { field } = secret;
  const variable = given[field] === undefined ? secretInEnvironment(env, owner, field) : undefined;
  if (variable !== undefined) {
    redactor.add(variable);
    await beginConnection(context, owner);
    return { value: variable, ref: null, configChange: { set: {}, unset: [field] } };
  }
  const { value, ref } = await storePendingSecret(context, request, secret);
  redactor.add(value);
  return { value, ref, configChange: { set: { [field]: value }, unset: [] } };
}

/** Records that the account is being connected, so that its key stays reserved. */
async function beginConnection({ profile }: ConnectContext, owner: Required<Owner>): Promise<void> {
  await profile.change((draft) => {
    assertKeyAvailable(draft, owner.channel, owner.account_key);
    addPending(draft, owner, {});
  });
}

/** Stores the secret from the options, else uses that of an earlier attempt, else generates one. */
async function storePendingSecret(
  { settings, profile }: ConnectContext,
  { owner, given }: ConnectRequest,
  { field, label, make }: ConnectSecret,
): Promise<{ value: string; ref: SecretRef }> {
  const requested = textField(given, field);
  const sent =
    requested === undefined ? new Map() : await readPendingSecrets(profile, owner, [field]);
  const { value, ref } = await profile.change((draft, edits) => {
    assertKeyAvailable(draft, owner.channel, owner.account_key);
    // Read inside the transaction: another process may have stored it a moment ago.
    const pending = pendingSecrets(draft, owner)[field];
    const isSame = requested === undefined || sent.get(pending?.item ?? '') === requested;
    if (pending !== undefined && isSame) return { value: requested, ref: pending };
    const value = requested ?? make();
    const ref = edits.put(ownerName(owner), field, value);
    addPending(draft, owner, { [field]: ref });
    return { value, ref };
  });
  const stored = value ?? (await profile.readSecrets([ref])).get(ref.item);
  if (stored !== undefined) return { value: stored, ref };
  const subject = `The ${label} that an earlier try kept for ${ownerName(owner)}`;
  if (settings.secretStore !== 'env') {
    throw missingSecret(owner, [field], `run it with --config ${field}=@file`, subject);
  }
  throw storageError(`${subject} can't be read.`, {
    reason: `It is kept in "${ref.store}", while CHANNELCTL_SECRETS=env reads variables alone.`,
    hint: `Set CHANNELCTL_SECRETS=${ref.store}, or ${secretVariable(owner, field)}.`,
  });
}

/**
 * Uses the secrets that earlier attempts sent to Meta instead of those in the options: without
 * steps that send them, Meta does not check the new ones.
 */
async function keepSentSecrets(
  { profile, warn }: ConnectContext,
  { owner, given }: ConnectRequest,
): Promise<ConfigChange> {
  const refs = Object.entries(pendingSecrets(await profile.read(), owner));
  const fields = refs.map(([field]) => field).filter((field) => given[field] !== undefined);
  const sent = await readPendingSecrets(profile, owner, fields);
  const set: Record<string, string> = {};
  for (const [field, { item }] of refs) {
    const value = sent.get(item);
    if (value === undefined || value === given[field]) continue;
    set[field] = value;
    warn(
      `The ${field} that was given is not stored: another one was sent to Meta by an earlier try.`,
      `If Meta has refused that one: channelctl accounts update ${ownerName(owner)} --config ${field}=@file`,
    );
  }
  return { set, unset: [] };
}

/** The pending secrets with some keys, by the items of the store. */
async function readPendingSecrets(
  profile: Profile,
  owner: Required<Owner>,
  fields: readonly string[],
): Promise<Map<string, string>> {
  const refs = Object.entries(pendingSecrets(await profile.read(), owner));
  return profile.readSecrets(
    refs.filter(([field]) => fields.includes(field)).map(([, ref]) => ref),
  );
}

/** The error with the steps that are done at Meta and how to continue. */
function partialFailure(
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
