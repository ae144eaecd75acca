import type { PhoneNumber } from './findings.ts';
import type { Verdict } from './rules.ts';

type HealthStatus = PhoneNumber['health_status'];
type Entity = NonNullable<NonNullable<NonNullable<HealthStatus>['entities']>[number]>;

const ENTITIES: Readonly<Record<string, string>> = {
  PHONE_NUMBER: 'the number',
  WABA: 'the WhatsApp Business Account',
  BUSINESS: 'the business',
  APP: 'the app',
  MESSAGE_TEMPLATE: 'the message template',
};

/** What keeps messages from being sent, entity by entity, in Meta's words. LIMITED can still send. */
export function entityProblems(health: HealthStatus): Verdict[] {
  const entities = health?.entities ?? [];
  const problems = entities.flatMap(problemsOfEntity);
  // Meta has always told the entity; where it does not, the whole is all that is known.
  const isTold = entities.some((one) => one.can_send_message === health?.can_send_message);
  const whole = isTold ? null : verdict(health?.can_send_message, 'messaging', '');
  return whole === null ? problems : [whole, ...problems];
}

function problemsOfEntity(entity: Entity): Verdict[] {
  const { entity_type, id, can_send_message, errors, additional_info } = entity;
  const known = ENTITIES[entity_type ?? ''] ?? (entity_type || 'what Meta does not name');
  const subject = `messaging for ${known}${id ? ` ${id}` : ''}`;
  if (errors && errors.length > 0) {
    return errors.flatMap(({ error_code, error_description, possible_solution }) => {
      const code = error_code ? ` (code ${error_code})` : '';
      const why = `: ${withoutStop(error_description ?? 'Meta gives no reason')}${code}`;
      return verdict(can_send_message, subject, why, possible_solution) ?? [];
    });
  }
  const info = (additional_info ?? []).map(withoutStop).join('; ');
  return [verdict(can_send_message, subject, info === '' ? '' : `: ${info}`)].filter(
    (problem) => problem !== null,
  );
}

function verdict(
  value: string | null | undefined,
  subject: string,
  why: string,
  solution?: string | null,
): Verdict | null {
  if (!value || value === 'AVAILABLE') return null;
  const hint = solution || 'WhatsApp Manager says more under Overview.';
  if (value === 'BLOCKED')
    return { severity: 'error', message: `Meta blocks ${subject}${why}.`, hint };
  if (value === 'LIMITED')
    return { severity: 'warning', message: `Meta limits ${subject}${why}.`, hint };
  return { severity: 'warning', message: `Meta says ${value} of ${subject}${why}.`, hint };
}

function withoutStop(text: string): string {
  return text.replace(/[.\s]+$/, '');
}
