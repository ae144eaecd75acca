import { assertKeyAvailable } from '../accounts/accounts.ts';
import type { ConfigChange } from '../accounts/config.ts';
import { warnOfGeneratedSecret } from '../accounts/generated-secret.ts';
import { missingSecret } from '../accounts/missing-secret.ts';
import { addPending, dropPendingSecret, pendingSecrets } from '../accounts/pending-connections.ts';
import {
  type Owner,
  ownedSecret,
  ownerName,
  secretInEnvironment,
  secretVariable,
} from '../accounts/secrets.ts';
import type { Credentials, Graph } from '../graph/graph.ts';
import type { Environment, Settings } from '../profile/settings.ts';
import type { Profile, SecretRef } from '../profile/types.ts';
import { continued } from '../shared/continuation.ts';
import { ChannelctlError, storageError } from '../shared/errors.ts';
import type { Json } from '../shared/json.ts';
import type { Redactor } from '../shared/redactor.ts';
import { isSecretKey } from '../shared/secrets.ts';
import type { Channel, ConnectPlan, ConnectSecret, ConnectStepName } from './channel.ts';
import { appIdOf } from './meta/app.ts';
import { loadCredentials } from './meta/credentials.ts';

export interface ConnectContext {
  env: Environment;
  settings: Pick<Settings, 'secretStore' | 'value'>;
  profile: Profile;
  redactor: Redactor;
  graph(): Promise<Graph>;
  warn(message: string, hint: string): void;
  confirm(question: string): Promise<void>;
}

export interface ConnectRequest {
  channel: Channel;
  owner: Required<Owner>;
  given: Readonly<Record<string, Json>>;
  steps: ReadonlySet<ConnectStepName>;
}

export interface ConnectedAccount {
  displayName: string | null;
  configChange: ConfigChange;
  /** The steps that this command has done at Meta, as phrases such as `registered the number`. */
  done: readonly string[];
  /** The steps that were done before. */
  doneBefore: readonly string[];
}

/**
 * Connects an account at Meta, then stores it. A secret is stored before a step sends it, so that
 * an interrupted command can be completed by running it again.
 *
 * @param store stores the account, after all steps
 * @throws the ChannelctlError of a failed step, with the completed steps and how to continue
 */
export async function connectThenStore<Stored>(
  context: ConnectContext,
  request: ConnectRequest,
  store: (connected: ConnectedAccount) => Promise<Stored>,
): Promise<Stored> {
  const { channel, given, steps } = request;
  if (channel.connector === undefined || steps.size === 0) {
    const configChange = await reuseSentSecrets(context, request);
    return store({ displayName: null, configChange, done: [], doneBefore: [] });
  }
  if (Object.keys(given).some(isSecretKey)) await context.profile.assertWritable();
  const [connector, graph, credentials] = await Promise.all([
    channel.connector(),
    context.graph(),
    requestCredentials(context, request),
  ]);
  const { accounts, integrations } = await context.profile.read();
  const appId = appIdOf(integrations.find((one) => one.channel === channel.name));
  const target = { graph, credentials, config: given, appId, accounts, steps };
  const plan = await connector.plan(target);
  if (plan.question !== null) await context.confirm(plan.question);
  const { value, ref, configChange } = await prepareSecret(context, request, plan);
  const done = [...plan.done];
  try {
    for (const step of plan.steps) {
      await step.run(value);
      done.push(step.done);
    }
    const { set, unset } = configChange;
    const stored = { set: { ...plan.config, ...set }, unset };
    return await store({
      displayName: plan.displayName,
      configChange: stored,
      done: plan.steps.map((step) => step.done),
      doneBefore: plan.done,
    });
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
      account_key === undefined ? undefined : textField(given, field),
  });
  return credentials ?? { token: '' };
}

function textField(given: ConnectRequest['given'], field: string): string | undefined {
  const value = given[field];
  return value === undefined ? undefined : String(value);
}

interface StepSecret {
  value: string;
  /** The reference to the pending secret; null if the secret is in a variable or not used. */
  ref: SecretRef | null;
  configChange: ConfigChange;
}

/**
 * Returns the secret that the steps send: from the options, a variable or an earlier attempt, or a
 * generated one. Because the steps cannot be undone, first checks that the account key is
 * available, and stores the secret unless it is in a variable.
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
    return { value: '', ref: null, configChange: await reuseSentSecrets(context, request) };
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

async function storePendingSecret(
  context: ConnectContext,
  { owner, given }: ConnectRequest,
  { field, label, make }: ConnectSecret,
): Promise<{ value: string; ref: SecretRef }> {
  const { settings, profile } = context;
  const requested = textField(given, field);
  const sent =
    requested === undefined ? new Map() : await readPendingSecrets(profile, owner, [field]);
  const { value, ref } = await profile.change((draft, edits) => {
    assertKeyAvailable(draft, owner.channel, owner.account_key);
    // Pending secrets are read inside the transaction, because another process may have just stored
    // one.
    const pending = pendingSecrets(draft, owner)[field];
    const isSame = requested === undefined || sent.get(pending?.item ?? '') === requested;
    if (pending !== undefined && isSame) return { value: requested, ref: pending };
    const value = requested ?? make();
    const ref = edits.put(ownerName(owner), field, value);
    addPending(draft, owner, { [field]: ref });
    return { value, ref };
  });
  if (requested === undefined && value !== undefined) {
    warnOfGeneratedSecret(context, owner, { field, label });
  }
  const stored =
    value ?? (await profile.readSecrets([ownedSecret(owner, undefined, field, ref)])).get(ref.item);
  if (stored !== undefined) return { value: stored, ref };
  const subject = `The ${label} that an earlier attempt stored for ${ownerName(owner)}`;
  if (settings.secretStore !== 'env') {
    const command = `run the command again with --config ${field}=@file`;
    throw missingSecret(owner, [field], command, subject);
  }
  throw storageError(`${subject} cannot be read.`, {
    reason: `It is in the store "${ref.store}", but with CHANNELCTL_SECRETS=env, secrets are read only from environment variables.`,
    hint: `Set CHANNELCTL_SECRETS=${ref.store}, or set ${secretVariable(owner, field)}.`,
  });
}

/**
 * Returns a change that replaces secrets in the options with those that earlier attempts sent to
 * Meta, because Meta does not check new secrets that no step sends. Warns about each replacement.
 */
async function reuseSentSecrets(
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
      `The new ${field} was not stored, because an earlier attempt sent a different one to Meta.`,
      `If Meta rejected the earlier one, run: channelctl accounts update ${ownerName(owner)} --config ${field}=@file`,
    );
  }
  return { set, unset: [] };
}

async function readPendingSecrets(
  profile: Profile,
  owner: Required<Owner>,
  fields: readonly string[],
): Promise<Map<string, string>> {
  const refs = Object.entries(pendingSecrets(await profile.read(), owner));
  return profile.readSecrets(
    refs
      .filter(([field]) => fields.includes(field))
      .map(([field, ref]) => ownedSecret(owner, undefined, field, ref)),
  );
}

function partialFailure(
  error: ChannelctlError,
  done: readonly string[],
  secret: ConnectSecret | null,
  isRefused: boolean,
): ChannelctlError {
  const steps =
    done.length === 0
      ? 'Meta did not confirm any step; the account was not stored.'
      : `Meta has already ${done.join(' and ')}; the account was not stored.`;
  const same = secret === null ? '' : ` The same ${secret.label} is used unless you pass another.`;
  const toContinue = isRefused
    ? `To continue, run the command again with the correct ${secret?.label}.`
    : `To continue, run the same command again.${same}`;
  return continued(error, { done: steps, next: toContinue });
}
