import type { AccountFailure } from '../../declarative/plan/remote-state.ts';
import type { Change, PlanNote, Step } from '../../declarative/plan/steps.ts';
import type { GraphErrorBody } from '../../shared/errors.ts';
import type { Json } from '../../shared/json.ts';
import { count, stripControlCharacters } from '../../shared/text.ts';
import type { Style } from '../../ui/output/style.ts';

export interface StepView {
  action: Step['action'];
  where: 'local' | 'meta';
  part: Step['part'];
  name: string;
  changes: { field: string; before: Json; after: Json }[];
}

export interface ProblemView {
  name: string;
  message: string;
  hint: string;
  graph: GraphErrorBody | null;
}

export function stepView({ action, part, name, changes, remoteAction }: Step): StepView {
  return {
    action,
    where: remoteAction === undefined ? 'local' : 'meta',
    part,
    name,
    changes: changes.map(({ field, before = null, after = null }) => ({ field, before, after })),
  };
}

export function problemView({ name, error }: AccountFailure): ProblemView {
  const { description: message, hint, graph } = error;
  return { name, message, hint, graph };
}

export function formatPlan(
  {
    steps,
    problems,
    notes,
  }: {
    steps: readonly Step[];
    problems: readonly AccountFailure[];
    notes: readonly PlanNote[];
  },
  style: Style,
): string {
  const lines = [
    ...steps.flatMap((step) => formatStep(step, style)),
    ...problems.map(({ name, error }) => {
      const text = stripControlCharacters(`${name}: ${error.description}`);
      const hint = error.hint === '' ? '' : `\n    ${stripControlCharacters(error.hint)}`;
      return `${style.error('!')} ${text}${hint}`;
    }),
    ...notes.map(({ name, message, hint }) => {
      const text = stripControlCharacters(`note: ${name}: ${message}`);
      return `  ${text}\n    ${stripControlCharacters(hint)}`;
    }),
    ...(steps.length + problems.length + notes.length > 0 ? [''] : []),
    formatTotals(steps, problems),
  ];
  return lines.join('\n');
}

function formatTotals(steps: readonly Step[], problems: readonly AccountFailure[]): string {
  const unknown =
    problems.length === 0 ? '' : ` Remote state unknown: ${count(problems.length, 'account')}.`;
  if (steps.length === 0) return `No changes.${unknown}`;
  const numbers = (['create', 'change', 'remove'] as const).flatMap((action) => {
    const number = steps.filter((step) => step.action === action).length;
    return number === 0 ? [] : [`${number} to ${action}`];
  });
  return `Plan: ${numbers.join(', ')}.${unknown}`;
}

function formatStep(step: Step, style: Style): string[] {
  const sign = { create: style.success('+'), change: style.warning('~'), remove: style.error('-') };
  const suffix = step.remoteAction === undefined ? '' : ' at Meta';
  return [
    `${sign[step.action]} ${step.part} ${stripControlCharacters(step.name)}${suffix}`,
    ...step.changes.map((change) => `    ${formatChange(change)}`),
  ];
}

function formatChange({ field, before, after, secret }: Change): string {
  const name = stripControlCharacters(field);
  if (secret === true) return `${name}: ${String(after)}`;
  if (before === undefined) return `${name}: ${formatValue(after)}`;
  return `${name}: ${formatValue(before)} → ${formatValue(after)}`;
}

function formatValue(value: Json | undefined): string {
  return value === undefined ? '(none)' : stripControlCharacters(JSON.stringify(value));
}
