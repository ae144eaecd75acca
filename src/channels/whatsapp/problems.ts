import { type Problem, problemOf, type Result } from '../../shared/problem.ts';
import { withoutPeriod } from '../../shared/text.ts';
import {
  businessAppStatus,
  type FieldProblem,
  NUMBER_RULES,
  type PhoneNumber,
  REGISTER,
  type Rule,
  status,
  WABA_RULES,
  type Waba,
} from './rules.ts';

export type NumberProblem = Problem<'phone_number' | 'waba' | 'subscribed_apps'>;

/** Meta's code for a number that cannot send because it is not registered. */
const NOT_REGISTERED = 141000;

export function numberProblems(
  number: Result<PhoneNumber>,
  waba: Result<Waba>,
  accountName: string,
  isInBusinessApp: boolean,
): NumberProblem[] {
  const statusRule = isInBusinessApp ? businessAppStatus : status;
  const ofNumber = partProblems('phone_number', number, accountName, (value) => [
    ...applyRules([statusRule, ...NUMBER_RULES], value),
    ...entityProblems(value.health_status),
  ]).filter(({ message }) => !isInBusinessApp || !message.includes(`(code ${NOT_REGISTERED})`));
  const ofWaba = partProblems('waba', waba, accountName, (value) => [
    ...applyRules(WABA_RULES, value),
    ...entityProblems(value.health_status),
  ]);
  if (waba.error !== null) return [...ofNumber, ...ofWaba];
  // The number's messaging health includes that of its WABA and business.
  const reported = new Set(ofNumber.map(({ message }) => message));
  return [...ofNumber, ...ofWaba.filter(({ message }) => !reported.has(message))];
}

export function bySeverity(problems: readonly NumberProblem[]): NumberProblem[] {
  const errors = problems.filter(({ severity }) => severity === 'error');
  return [...errors, ...problems.filter(({ severity }) => severity === 'warning')];
}

export const ANY_APP: NumberProblem = {
  part: 'subscribed_apps',
  severity: 'warning',
  message: 'The app ID is not set, so any subscribed app is assumed to be yours.',
  hint: 'Set it: channelctl integrations set whatsapp --config app_id=…',
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
  // Accounts share the result of their WABA, so the account's name is inserted only here.
  return problems.map((one) => ({
    ...one,
    hint: one.hint.replaceAll('<account>', () => accountName),
  }));
}

function applyRules<Value>(rules: readonly Rule<Value>[], value: Value): FieldProblem[] {
  return rules.map((rule) => rule(value)).filter((one) => one !== null);
}

type HealthStatus = PhoneNumber['health_status'];
type Entity = NonNullable<NonNullable<NonNullable<HealthStatus>['entities']>[number]>;

const ENTITIES: Readonly<Record<string, string>> = {
  PHONE_NUMBER: 'the number',
  WABA: 'the WhatsApp Business Account',
  BUSINESS: 'the business',
  APP: 'the app',
  MESSAGE_TEMPLATE: 'the message template',
};

type EntityError = NonNullable<Entity['errors']>[number];

function entityProblems(health: HealthStatus): FieldProblem[] {
  const entities = health?.entities ?? [];
  const problems = entities.flatMap(problemsOfEntity);
  // If no entity explains the overall status, the status itself is reported.
  const isExplained = entities.some(
    (one) => one.can_send_message === health?.can_send_message && !isBlockedByCalls(one),
  );
  const whole = isExplained ? null : problemFor(health?.can_send_message, 'messaging', '');
  return whole === null ? problems : [whole, ...problems];
}

function problemsOfEntity(entity: Entity): FieldProblem[] {
  const { entity_type, id, can_send_message, can_receive_call_sip, additional_info } = entity;
  const errors = entity.errors ?? [];
  const known = ENTITIES[entity_type ?? ''] ?? (entity_type || 'an unknown entity');
  const name = `${known}${id ? ` ${id}` : ''}`;
  const subject = `messaging for ${name}`;
  const ofCalls = errors.filter(concernsCalls).map((one) => callProblem(name, reasonIn(one), one));
  if (ofCalls.length === 0 && isRestricted(can_receive_call_sip)) {
    ofCalls.push(callProblem(name, `: can_receive_call_sip is ${can_receive_call_sip}`));
  }
  if (errors.length > 0) {
    const ofMessages = errors.filter((one) => !concernsCalls(one));
    return ofMessages
      .flatMap((one) => {
        const isUnregistered = Number(one.error_code) === NOT_REGISTERED;
        const solution = isUnregistered ? REGISTER : one.possible_solution;
        return problemFor(can_send_message, subject, reasonIn(one), solution) ?? [];
      })
      .concat(ofCalls);
  }
  const info = (additional_info ?? []).map(withoutPeriod).join('; ');
  const whole = problemFor(can_send_message, subject, info === '' ? '' : `: ${info}`);
  return whole === null ? ofCalls : [whole, ...ofCalls];
}

function reasonIn({ error_code, error_description }: EntityError): string {
  const code = error_code ? ` (code ${error_code})` : '';
  return `: ${withoutPeriod(error_description ?? 'Meta gave no reason')}${code}`;
}

/** Whether an error concerns calls: the codes of the Calling API start with 138. */
function concernsCalls({ error_code }: EntityError): boolean {
  return /^138\d{3}$/.test(String(error_code));
}

/** An error about calls can limit an entity, but does not explain why messages are blocked. */
function isBlockedByCalls({ can_send_message, errors }: Entity): boolean {
  return can_send_message === 'BLOCKED' && !!errors?.length && errors.every(concernsCalls);
}

/** Meta reports an entity with an error about calls as LIMITED, although it can send messages. */
function callProblem(name: string, why: string, error?: EntityError): FieldProblem {
  return {
    severity: 'warning',
    message: `Calling does not work for ${name}${why}. Messages are not affected.`,
    hint: error?.possible_solution || 'Ignore this unless you use WhatsApp calls.',
  };
}

function isRestricted(value: string | null | undefined): boolean {
  return Boolean(value) && value !== 'AVAILABLE';
}

function problemFor(
  value: string | null | undefined,
  subject: string,
  why: string,
  solution?: string | null,
): FieldProblem | null {
  if (!isRestricted(value)) return null;
  const hint = solution || 'See Overview in WhatsApp Manager for details.';
  if (value === 'BLOCKED')
    return { severity: 'error', message: `Meta blocks ${subject}${why}.`, hint };
  if (value === 'LIMITED')
    return { severity: 'warning', message: `Meta limits ${subject}${why}.`, hint };
  return {
    severity: 'warning',
    message: `Meta reports the status of ${subject} as ${value}${why}.`,
    hint,
  };
}
