import type { Fact } from './facts.ts';

/**
 * Returns every variant of a value that violates the fact at one place: with an unknown property, or
 * with another value than the fact permits.
 */
export function mutationsOf(value: unknown, fact: Fact): unknown[] {
  const own = wrongValues(fact);
  if (Array.isArray(value)) {
    const [first, ...others] = value;
    const inner = fact.items === undefined ? [] : mutationsOf(first, fact.items);
    return [...own, ...inner.map((one) => [one, ...others])];
  }
  if (fact.properties === undefined || Object(value) !== value) return own;
  const inner = Object.entries(Object(value)).flatMap(([key, one]) =>
    mutationsOf(one, fact.properties?.[key] ?? {}).map((mutated) => ({
      ...Object(value),
      [key]: mutated,
    })),
  );
  return [...own, ...inner, { ...Object(value), [UNEXPECTED]: 1 }];
}

export const UNEXPECTED = 'unexpected';

function wrongValues(fact: Fact): unknown[] {
  const { enum: values, names, pattern, minimum, maximum, maxLength } = fact;
  return [
    ...(values === undefined ? [] : ['wrong_word']),
    ...(names === undefined ? [] : ['wrong_name']),
    ...(pattern === undefined ? [] : ['', 'wrong-format']),
    ...(minimum === undefined ? [] : [minimum - 1]),
    ...(maximum === undefined ? [] : [maximum + 1]),
    ...(maxLength === undefined ? [] : ['x'.repeat(maxLength + 1)]),
  ];
}
