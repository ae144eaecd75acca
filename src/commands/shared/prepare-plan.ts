import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { buildWebhookUrl } from '../../accounts/account-view.ts';
import { CHANNELS, knownValueProblem } from '../../channels/index.ts';
import { findMenuIssues, findStateIssues } from '../../declarative/document/check-state.ts';
import { formatPath } from '../../declarative/document/issue.ts';
import { findNearMisses } from '../../declarative/document/near-misses.ts';
import { type ParsedDocument, parseDocumentText } from '../../declarative/document/parse.ts';
import {
  type AllowedReferences,
  type DocumentSecret,
  listSecrets,
  resolveSecrets,
  type SecretValues,
  secretKey,
} from '../../declarative/document/references.ts';
import type { Document } from '../../declarative/document/schema.ts';
import { type ManagedAccount, managedAccounts } from '../../declarative/plan/managed-accounts.ts';
import { planNotes } from '../../declarative/plan/notes.ts';
import { createPlan, settingSteps, settingsAfter } from '../../declarative/plan/plan.ts';
import type { AccountFailure, ReachableAccount } from '../../declarative/plan/remote-state.ts';
import { compareSecrets, type SecretChange } from '../../declarative/plan/secret-changes.ts';
import type { PlanNote, Step } from '../../declarative/plan/steps.ts';
import type { ProfileState } from '../../profile/types.ts';
import { count, listNames } from '../../shared/text.ts';
import type { CommandContext } from './command-context.ts';
import { readFileOrStdin } from './config-options.ts';
import type { DocumentOptions } from './document-options.ts';
import { type RemoteReading, readRemote } from './read-remote.ts';

export interface PreparedPlan {
  steps: readonly Step[];
  problems: readonly AccountFailure[];
  notes: readonly PlanNote[];
  values: SecretValues;
  accounts: readonly ManagedAccount[];
  reachable: readonly ReachableAccount[];
  settings: Readonly<Record<string, string>>;
  context: CommandContext;
  /** Whether the plan is also right for this state. */
  isCurrent(state: ProfileState): boolean;
  /** Returns a new plan, after another process has changed the profile. */
  again(): Promise<PreparedPlan>;
}

/**
 * Compares the document with the profile and the remote state, without changing anything.
 *
 * @throws ChannelctlError `usage` if the document is invalid
 */
export async function preparePlan(
  options: DocumentOptions,
  currentContext: CommandContext,
  allow: AllowedReferences,
): Promise<PreparedPlan> {
  const parsed = await readDocument(options, currentContext);
  warnOfNearMisses(parsed.document, currentContext);
  let resolved: ReturnType<typeof resolveDocument> | undefined;
  const resolve = () => {
    resolved ??= resolveDocument(parsed, options, currentContext, allow);
    return resolved;
  };
  return planDocument(parsed, options, currentContext, resolve);
}

type Resolve = () => ReturnType<typeof resolveDocument>;

async function planDocument(
  parsed: ParsedDocument,
  options: DocumentOptions,
  currentContext: CommandContext,
  resolve: Resolve,
): Promise<PreparedPlan> {
  const { document } = parsed;
  const state = await currentContext.profile.read();
  const prune = options.prune === true;
  const current = { state, secrets: new Map(), remoteStates: new Map() };
  const changed = settingSteps(document, current, { prune });
  const settings = settingsAfter(state.settings, changed);
  const context = changed.length === 0 ? currentContext : currentContext.underSettings(settings);
  const base = context.settings.value('webhook_base_url');
  assertNoIssues(parsed, findStateIssues(document, state, context.env, base !== null));
  const secrets = await readSecretChanges(parsed, context, state, resolve);
  const { values, changes, withheld } = secrets;
  const accounts = managedAccounts(document, state);
  const { remoteStates, reachable, problems } =
    options.offline === true
      ? OFFLINE
      : await readManagedAccounts(accounts, parsed, { ...secrets, state }, context);
  assertNoIssues(parsed, findMenuIssues(document, remoteStates));
  const webhookUrl = (account: { channel: string; account_key: string }) =>
    buildWebhookUrl(base, account);
  const divisionId = context.settings.value('division_id');
  const planned = { state, secrets: changes, remoteStates };
  const planFor = (latest: ProfileState) =>
    createPlan(document, { ...planned, state: latest }, { prune, divisionId, webhookUrl });
  const steps = planFor(state);
  const notes = [
    ...withheld.map(withheldNote),
    ...planNotes(document, planned, steps, { webhookUrl, baseUrl: base }),
  ];
  return {
    ...{ steps, problems, notes, values, accounts, reachable, settings, context },
    isCurrent: (latest) =>
      isDeepStrictEqual(latest, state) ||
      (isDeepStrictEqual(latest.settings, state.settings) &&
        isDeepStrictEqual(latest.integrations, state.integrations) &&
        isDeepStrictEqual(managedAccounts(document, latest), accounts) &&
        isDeepStrictEqual(planFor(latest), steps)),
    again: async () => {
      const latest = await currentContext.underSettings(state.settings).profile.read();
      const latestContext = currentContext.underSettings(latest.settings);
      return planDocument(parsed, options, latestContext, resolve);
    },
  };
}

const OFFLINE: RemoteReading = { remoteStates: new Map(), reachable: [], problems: [] };

async function readDocument(
  { file }: DocumentOptions,
  context: CommandContext,
): Promise<ParsedDocument> {
  const text = await readFileOrStdin('--file', file, context);
  return parseDocumentText(text, file === '-' ? 'The document' : file);
}

function assertNoIssues(
  { error }: ParsedDocument,
  issues: Parameters<ParsedDocument['error']>[0],
): void {
  if (issues.length > 0) throw error(issues);
}

async function resolveDocument(
  { document }: ParsedDocument,
  { file }: DocumentOptions,
  { env, signal, redactor, warn }: CommandContext,
  allow: AllowedReferences,
) {
  const secrets = listSecrets(document);
  const folder = file === '-' ? '.' : dirname(file);
  const resolved = await resolveSecrets(
    secrets,
    { env, signal, folder, allow },
    ({ owner, field }, value) => knownValueProblem(owner, field, value),
  );
  for (const value of resolved.values.values()) redactor.add(value);
  let isWarned = false;
  return {
    ...resolved,
    secrets,
    warnOfEmpty: () => {
      if (!isWarned) warnOfEmptyVariables(resolved.empty, warn);
      isWarned = true;
    },
  };
}

async function readSecretChanges(
  parsed: ParsedDocument,
  context: CommandContext,
  state: ProfileState,
  resolve: Resolve,
) {
  const { env, profile } = context;
  const resolved = await resolve();
  const { secrets, values, issues, withheld } = resolved;
  const store = context.settings.secretStore;
  // An invalid value is reported once, not also as a missing one.
  const invalid = new Set(issues.map(({ path }) => path));
  const valid = secrets.filter(({ path }) => !invalid.has(path));
  const compared = await compareSecrets(valid, resolved, { env, profile, state, store });
  assertNoIssues(parsed, [...issues, ...compared.issues]);
  resolved.warnOfEmpty();
  const effective = [...values].filter(([key]) => !compared.superseded.has(key));
  return { values: new Map(effective), changes: compared.changes, withheld };
}

function withheldNote({ owner, field, reference }: DocumentSecret): PlanNote {
  const isCommand = 'command' in reference;
  return {
    name: owner,
    message: isCommand
      ? `${field} was not compared, because plan does not run the commands of a document by default.`
      : `${field} was not compared, because its file is outside the folder of the document.`,
    hint: `If you trust the document, add ${isCommand ? '--allow-commands' : '--allow-files'}.`,
  };
}

/**
 * Warns about variables that are set to nothing, as CI does for a secret that a job may not read. A
 * variable that is not set is normal: not every job has every secret.
 */
function warnOfEmptyVariables(
  empty: readonly DocumentSecret[],
  warn: CommandContext['warn'],
): void {
  const names = new Set(
    empty.flatMap(({ reference }) => ('env' in reference ? reference.env : [])),
  );
  if (names.size === 0) return;
  warn(
    `Cannot compare ${count(empty.length, 'secret')}, because these variables are empty: ${listNames([...names])}. The stored secrets are not changed.`,
    'Set the variables, or unset them to hide this warning.',
  );
}

function warnOfNearMisses(document: Document, { warn }: CommandContext): void {
  for (const { path, meant, others } of findNearMisses(document)) {
    const more = others === 0 ? '' : ` (and ${others} more)`;
    warn(
      `${formatPath(path)}${more} is not a known key, and is stored unchanged.`,
      `Did you mean ${meant}?`,
    );
  }
}

function readManagedAccounts(
  accounts: readonly ManagedAccount[],
  { document }: ParsedDocument,
  {
    state,
    values,
    changes,
    withheld,
  }: { state: ProfileState; values: SecretValues } & WithheldChanges,
  context: CommandContext,
): Promise<RemoteReading> {
  // Without its first token, the remote state of an account cannot be read; a note says why.
  const unreadable = new Set(
    withheld
      .filter((secret) => isTokenOfAccount(secret) && changes.get(secretKey(secret)) === 'set')
      .map(({ owner }) => owner),
  );
  const wanted = accounts.filter(
    ({ subscribed, registered, name }) =>
      (subscribed || registered || document.menus?.[name] !== undefined) && !unreadable.has(name),
  );
  const integrations = [...(document.integrations ?? []), ...state.integrations];
  return readRemote(wanted, { values, integrations }, context);
}

interface WithheldChanges {
  changes: ReadonlyMap<string, SecretChange>;
  withheld: readonly DocumentSecret[];
}

function isTokenOfAccount({ owner, field }: DocumentSecret): boolean {
  const channel = CHANNELS.find(({ name }) => owner.startsWith(`${name}/`));
  return channel?.token?.field === field;
}
