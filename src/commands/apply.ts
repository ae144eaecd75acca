import { isDeepStrictEqual } from 'node:util';
import type { StepError } from '../declarative/apply/remote-steps.ts';
import type { AccountFailure } from '../declarative/plan/remote-state.ts';
import type { Step } from '../declarative/plan/steps.ts';
import { ChannelctlError } from '../shared/errors.ts';
import { count, stripControlCharacters } from '../shared/text.ts';
import { defineCommand } from './shared/command.ts';
import type { CommandContext } from './shared/command-context.ts';
import type { CommandResult } from './shared/command-result.ts';
import { confirm } from './shared/confirm.ts';
import { DOCUMENT_OPTIONS } from './shared/document-options.ts';
import { formatPlan, problemView, stepView } from './shared/plan-report.ts';
import type { PreparedPlan } from './shared/prepare-plan.ts';
import { countItems, withProgress } from './shared/progress.ts';
import { requireRole } from './shared/require-role.ts';
import { ERROR_FIELDS, PLAN_FIELDS } from './shared/result-fields.ts';

const RESULT_FIELDS = (['result', ...ERROR_FIELDS] as const).map(
  (field) => `steps.${field}` as const,
);

/** `apply` changes the profile anyway, so a document must be trusted before it is applied. */
const ALL_REFERENCES = { commands: true, files: true };

export const apply = defineCommand({
  name: 'apply',
  summary: 'Apply a document to the profile and to Meta',
  role: 'admin',
  missingProfile: 'created',
  checksRole: { from: 'supervisor' },
  examples: [
    { line: 'apply -f channels.yaml', about: 'Show the plan and ask for confirmation' },
    {
      line: 'apply -f channels.yaml --yes --json',
      about: 'Apply in CI and print the result of each step',
    },
    {
      line: 'apply -f channels.yaml --prune --yes',
      about: 'Also delete items that the document omits',
    },
  ],
  notes:
    'Makes the changes that channelctl plan shows. If another process changes the profile in the meantime so that the plan is different, apply shows the new plan and asks again; without a terminal, it exits with code 7 and changes nothing. If apply is interrupted, it prints the changes that it has made; run it again to make the remaining ones.\nA token that would replace a stored one is first verified with Meta, unless --offline is set. If Meta rejects it or cannot be reached, the stored token is not changed, and the steps of the account fail.\nAn error with one account does not stop the others; the exit code is then 5, or 4 if every change failed because of a token or a permission.',
  result: { fields: ['success', ...PLAN_FIELDS, ...RESULT_FIELDS] },
  options: DOCUMENT_OPTIONS,
  async run(options, context) {
    const { preparePlan } = await import('./shared/prepare-plan.ts');
    const requireAdmin = () => requireRole('admin', context.settings.role, context.profile.name);
    let prepared = await preparePlan(options, context, ALL_REFERENCES).catch((error) => {
      requireAdmin();
      throw error;
    });
    const results = new Map<Step, StepError>();
    context.onIncomplete(() => {
      const done = prepared.steps.filter((step) => results.has(step));
      return done.length === 0 ? null : toResult(prepared, results, { done, isComplete: false });
    });
    let isShown = false;
    for (let attempt = 1; prepared.steps.length > 0; attempt += 1) {
      // The role is checked only if there are changes, so that a document that restricts the role
      // can be applied again.
      requireAdmin();
      if (!isShown) await confirmPlan(prepared, context, attempt > 1);
      const isOffline = options.offline === true;
      if (await performSteps(prepared, { isOffline, results })) break;
      const next = await prepared.again();
      isShown = isDeepStrictEqual(next.steps, prepared.steps);
      const mustAsk = !isShown && next.steps.length > 0 && !context.terminal.interactive;
      if (mustAsk || attempt === MAX_ATTEMPTS) throw profileChanged();
      prepared = next;
    }
    return toResult(prepared, results, { done: prepared.steps, isComplete: true });
  },
});

/** How often another process may change the profile while a plan is made or confirmed. */
const MAX_ATTEMPTS = 10;

function profileChanged(): ChannelctlError {
  return new ChannelctlError('conflict', 'Another process changed the profile, and so the plan.', {
    hint: 'Nothing was changed. Run the command again.',
  });
}

function toResult(
  { steps, problems, notes }: PreparedPlan,
  results: StepResults,
  { done, isComplete }: { done: readonly Step[]; isComplete: boolean },
): CommandResult {
  const failed = done.filter((step) => results.get(step));
  const success = isComplete && failed.length === 0 && problems.length === 0;
  return {
    data: {
      success,
      steps: done.map((step) => ({ ...stepView(step), ...resultOf(step, results) })),
      problems: problems.map(problemView),
      notes,
    },
    summary: () => formatResult(done, results, { problems, total: steps.length }),
    ...(success ? {} : { kind: failureKind(done, results, problems) }),
  };
}

async function confirmPlan(
  { steps, problems, notes }: PreparedPlan,
  context: CommandContext,
  isNew: boolean,
): Promise<void> {
  if (context.terminal.interactive && !context.assumeYes) {
    if (isNew) context.terminal.print('\nAnother process changed the profile. The new plan:\n');
    context.terminal.print(formatPlan({ steps, problems, notes }, context.terminal.style));
  }
  await confirm(context, `Apply ${count(steps.length, 'change')}?`);
}

/** The errors of the steps that are done; null for a step that succeeded. */
type StepResults = Map<Step, StepError>;

interface PerformOptions {
  isOffline: boolean;
  results: StepResults;
}

/**
 * Applies the local steps, then the remote ones. The role is last, because it may forbid them.
 *
 * @returns false, without a change, if the plan is outdated
 */
async function performSteps(
  prepared: PreparedPlan,
  { isOffline, results }: PerformOptions,
): Promise<boolean> {
  const { reachable, context } = prepared;
  await assertSecretsWritable(prepared);
  const { rejectedSteps } = await import('./shared/rejected-steps.ts');
  const rejected = await rejectedSteps(prepared, isOffline);
  const steps = prepared.steps.filter((step) => !rejected.has(step));
  const local = steps.filter((step) => step.remoteAction === undefined && !isRole(step));
  if (!(await changeProfile(prepared, local))) return false;
  for (const step of local) results.set(step, null);
  for (const [step, error] of rejected) results.set(step, error);
  const remote = steps.filter(({ remoteAction }) => remoteAction !== undefined);
  await performRemoteSteps(remote, reachable, context, results);
  const role = steps.filter(isRole);
  const isComplete =
    prepared.problems.length === 0 && [...results.values()].every((one) => one === null);
  if (isComplete) await changeSettings(role, context);
  for (const step of role) results.set(step, isComplete ? null : roleNotChanged());
  return true;
}

class OutdatedPlanError extends Error {}

/** Applies the steps for the profile; returns false, without a change, if the plan is outdated. */
async function changeProfile(prepared: PreparedPlan, steps: readonly Step[]): Promise<boolean> {
  const { values, settings, accounts, context, isCurrent } = prepared;
  if (steps.length === 0) return isCurrent(await context.underSettings(settings).profile.read());
  const [{ applyLocalSteps }, { settingsAfter }] = await Promise.all([
    import('../declarative/apply/local-steps.ts'),
    import('../declarative/plan/plan.ts'),
  ]);
  const own = steps.filter(({ part }) => part !== 'setting');
  try {
    await context.profile.change((draft, secrets) => {
      if (!isCurrent(draft)) throw new OutdatedPlanError();
      draft.settings = settingsAfter(draft.settings, steps);
      for (const { name, givenKeys } of accounts) secrets.confirm(name, givenKeys);
      applyLocalSteps(draft, secrets, own, values, context);
    });
    return true;
  } catch (error) {
    if (error instanceof OutdatedPlanError) return false;
    throw error;
  }
}

function isRole({ part, name }: Step): boolean {
  return part === 'setting' && name === 'role';
}

/**
 * Returns the error for the role after a failure. The role is not changed, because the remaining
 * steps may require the current role.
 */
function roleNotChanged(): ChannelctlError {
  return new ChannelctlError('graph', 'The role was not changed.', {
    reason: 'The role changes only after all other changes have succeeded.',
    hint: 'Fix the errors, then run the same command again.',
  });
}

async function performRemoteSteps(
  steps: readonly Step[],
  reachable: PreparedPlan['reachable'],
  context: CommandContext,
  results: StepResults,
): Promise<void> {
  const { applyRemoteSteps } = await import('../declarative/apply/remote-steps.ts');
  const text = 'Applying changes at Meta';
  await withProgress(context.terminal, text, (progress) => {
    const onDone = countItems(progress, text, steps.length, 'step');
    return applyRemoteSteps(steps, reachable, context, (step, error) => {
      results.set(step, error);
      onDone();
    });
  });
}

async function assertSecretsWritable({ steps, context }: PreparedPlan): Promise<void> {
  const storesSecret = steps.some(({ changes }) => changes.some(({ secret }) => secret === true));
  if (storesSecret) await context.profile.assertWritable();
}

async function changeSettings(steps: readonly Step[], { profile }: CommandContext): Promise<void> {
  if (steps.length === 0) return;
  const { settingsAfter } = await import('../declarative/plan/plan.ts');
  await profile.change((draft) => {
    draft.settings = settingsAfter(draft.settings, steps);
  });
}

/**
 * Returns the kind of the failures; `graph` if they are of several kinds or some steps succeeded. An
 * account with a failed step counts once, because a rejected token cannot read the remote state.
 */
function failureKind(
  steps: readonly Step[],
  errors: ReadonlyMap<Step, StepError>,
  problems: readonly AccountFailure[],
): 'graph' | 'not_allowed' | 'storage' {
  const failed = new Set(steps.filter((step) => errors.get(step)).map(({ name }) => name));
  const others = problems.filter(({ name }) => !failed.has(name));
  const results = [...steps.map((step) => errors.get(step)), ...others.map(({ error }) => error)];
  if (results.some((error) => error?.kind === 'storage')) return 'storage';
  return results.every((error) => error?.kind === 'not_allowed') ? 'not_allowed' : 'graph';
}

function resultOf(step: Step, errors: ReadonlyMap<Step, StepError>) {
  const error = errors.get(step);
  if (!error) return { result: 'done', error: null };
  const { description: message, hint, graph } = error;
  return { result: 'failed', error: { message, hint, graph } };
}

function formatResult(
  steps: readonly Step[],
  errors: ReadonlyMap<Step, StepError>,
  { problems, total: planned }: { problems: readonly AccountFailure[]; total: number },
): string {
  if (steps.length + problems.length === 0)
    return 'No changes: the profile and Meta already match the document.';
  const failed = steps.filter((step) => errors.get(step)).length;
  const lines = steps.map((step) => {
    const error = errors.get(step);
    const line = `${error ? 'failed' : 'done  '}  ${step.action} ${step.part} ${step.name}`;
    return stripControlCharacters(error ? `${line}: ${error.description} ${error.hint}` : line);
  });
  const unknown = problems.map(({ name, error }) =>
    stripControlCharacters(`failed  ${name}: ${error.description} ${error.hint}`),
  );
  const total = count(planned, 'change');
  const totals =
    failed === 0 && steps.length === planned
      ? `Applied ${total}.`
      : `Applied ${steps.length - failed} of ${total}.`;
  return [...lines, ...unknown, '', totals].join('\n');
}
