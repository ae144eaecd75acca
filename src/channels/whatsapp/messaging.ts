import type { FieldProblem, PhoneNumber } from './rules.ts';

type HealthStatus = PhoneNumber['health_status'];
type Entity = NonNullable<NonNullable<NonNullable<HealthStatus>['entities']>[number]>;

const ENTITIES: Readonly<Record<string, string>> = {
  PHONE_NUMBER: 'the number',
  WABA: 'the WhatsApp Business Account',
  BUSINESS: 'the business',
  APP: 'the app',
  MESSAGE_TEMPLATE: 'the message template',
};

/** The entities that prevent or limit sending, in Meta's words. */
export function entityProblems(health: HealthStatus): FieldProblem[] {
  const entities = health?.entities ?? [];
  const problems = entities.flatMap(problemsOfEntity);
  // If no entity has the status of the whole, only the whole is known.
  const isExplained = entities.some((one) => one.can_send_message === health?.can_send_message);
  const whole = isExplained ? null : problemFor(health?.can_send_message, 'messaging', '');
  return whole === null ? problems : [whole, ...problems];
}

function problemsOfEntity(entity: Entity): FieldProblem[] {
  const { entity_type, id, can_send_message, errors, additional_info } = entity;
  const known = ENTITIES[entity_type ?? ''] ?? (entity_type || 'what Meta does not name');
  const subject = `messaging for ${known}${id ? ` ${id}` : ''}`;
  if (errors && errors.length > 0) {
    return errors.flatMap(({ error_code, error_description, possible_solution }) => {
      const code = error_code ? ` (code ${error_code})` : '';
      const why = `: ${withoutPeriod(error_description ?? 'Meta gives no reason')}${code}`;
      return problemFor(can_send_message, subject, why, possible_solution) ?? [];
    });
  }
  const info = (additional_info ?? []).map(withoutPeriod).join('; ');
  return [problemFor(can_send_message, subject, info === '' ? '' : `: ${info}`)].filter(
    (problem) => problem !== null,
  );
}

function problemFor(
  value: string | null | undefined,
  subject: string,
  why: string,
  solution?: string | null,
): FieldProblem | null {
  if (!value || value === 'AVAILABLE') return null;
  const hint = solution || 'WhatsApp Manager says more under Overview.';
  if (value === 'BLOCKED')
    return { severity: 'error', message: `Meta blocks ${subject}${why}.`, hint };
  if (value === 'LIMITED')
    return { severity: 'warning', message: `Meta limits ${subject}${why}.`, hint };
  return { severity: 'warning', message: `Meta says ${value} of ${subject}${why}.`, hint };
}

function withoutPeriod(text: string): string {
  return text.replace(/[.\s]+$/, '');
}
