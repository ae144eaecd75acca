import { type Problem, problemOf, type Result } from '../../shared/problem.ts';
import { entityProblems } from './messaging.ts';
import {
  type FieldProblem,
  NUMBER_RULES,
  type PhoneNumber,
  type Rule,
  WABA_RULES,
  type Waba,
} from './rules.ts';

export type NumberProblem = Problem<'phone_number' | 'waba' | 'subscribed_apps'>;

/** The problems of a number and its WABA, without their webhooks. */
export function numberProblems(
  number: Result<PhoneNumber>,
  waba: Result<Waba>,
  accountName: string,
): NumberProblem[] {
  const ofNumber = partProblems('phone_number', number, accountName, (value) => [
    ...applyRules(NUMBER_RULES, value),
    ...entityProblems(value.health_status),
  ]);
  const ofWaba = partProblems('waba', waba, accountName, (value) => [
    ...applyRules(WABA_RULES, value),
    ...entityProblems(value.health_status),
  ]);
  if (waba.error !== null) return [...ofNumber, ...ofWaba];
  // The number's messaging health includes that of its WABA and business.
  const reported = new Set(ofNumber.map(({ message }) => message));
  return [...ofNumber, ...ofWaba.filter(({ message }) => !reported.has(message))];
}

/** Errors first. */
export function bySeverity(problems: readonly NumberProblem[]): NumberProblem[] {
  const errors = problems.filter(({ severity }) => severity === 'error');
  return [...errors, ...problems.filter(({ severity }) => severity === 'warning')];
}

/** Without an app ID, the subscription of any app counts. */
export const ANY_APP: NumberProblem = {
  part: 'subscribed_apps',
  severity: 'warning',
  message: 'Which app has to be subscribed is not known, so that any app counts.',
  hint: 'Set the ID of your app: channelctl integrations set whatsapp --config app_id=…',
  graph: null,
};

function partProblems<Value>(
  part: NumberProblem['part'],
  { value, error }: Result<Value>,
  accountName: string,
  check: (value: Value) => FieldProblem[],
): NumberProblem[] {
  const problems =
    error !== null
      ? [problemOf(part, error)]
      : check(value).map((one) => ({ ...one, part, graph: null }));
  // The result of a WABA is shared by its accounts, so that none is named before this.
  return problems.map((one) => ({ ...one, hint: one.hint.replaceAll('<account>', accountName) }));
}

function applyRules<Value>(rules: readonly Rule<Value>[], value: Value): FieldProblem[] {
  return rules.map((rule) => rule(value)).filter((one) => one !== null);
}
