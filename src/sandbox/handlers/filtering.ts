import { z } from 'zod';
import { malformedParameter } from '../graph/errors-whatsapp.ts';

const conditions = z.array(
  z.strictObject({
    field: z.enum(['account_mode', 'messaging_limit_tier', 'is_official_business_account']),
    operator: z.enum(['EQUAL', 'NOT_EQUAL', 'IN', 'NOT_IN']),
    value: z.json(),
  }),
);

type Condition = z.output<typeof conditions>[number];

/**
 * The conditions of `filtering`, which is a JSON array.
 *
 * @throws MetaError 100 where it is none, or has what numbers can't be filtered by
 */
export function conditionsIn(filtering: string | undefined): Condition[] {
  if (filtering === undefined) return [];
  const { data, error } = conditions.safeParse(parsed(filtering));
  if (data !== undefined) return data;
  const place = z.core.toDotPath(error.issues[0]?.path ?? []);
  throw malformedParameter(`Invalid parameter: filtering${place}: ${error.issues[0]?.message}`);
}

/** Whether a number meets a condition. Values are compared as text, as they are in addresses. */
export function meets(
  node: Readonly<Record<Condition['field'], unknown>>,
  { field, operator, value }: Condition,
): boolean {
  const isAmong = [value].flat().map(String).includes(String(node[field]));
  return isAmong === (operator === 'EQUAL' || operator === 'IN');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw malformedParameter('Invalid parameter: filtering must be valid JSON');
  }
}
