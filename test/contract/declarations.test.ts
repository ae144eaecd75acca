import { describe, expect, test } from 'vitest';
import { operations } from '../../src/graph/operations/index.ts';
import type { Operation } from '../../src/graph/operations/operation.ts';
import type { Call, Fact } from './facts.ts';
import { shapeOf } from './shape.ts';
import { callsOf } from './table.ts';

const declared = Object.entries<Operation>(operations);

describe.each(declared)('the declaration of %s', (_name, operation) => {
  test('matches a call in the contract', () => {
    const violations = callsOf(operation).map((call) => violationsOf(operation, call));
    expect(violations.sort((a, b) => a.length - b.length)[0]).toEqual([]);
  });

  test('reads only fields that Meta returns', () => {
    const read = shapeOf(operation.answer);
    const violations = callsOf(operation).map(({ answer }) => unknownIn(read, answer, 'response'));
    expect(violations.sort((a, b) => a.length - b.length)[0]).toEqual([]);
  });
});

test('a call that is not in the contract is reported with the file to change', () => {
  const unknown = (path: Operation['path']) => () =>
    callsOf({ ...operations.getWaba, path, service: 'graph' });
  expect(unknown('/{page_id}/picture')).toThrow(/picture.*META_CALLS in test\/contract\/meta\.ts/);
  expect(unknown('/{waba_id}/flows')).toThrow(/flows.*scripts\/contract\/whatsapp-calls\.js/);
});

function violationsOf(operation: Operation, call: Call): string[] {
  const { properties = {}, required = [] } = shapeOf(operation.parameters);
  const inPath = [...operation.path.matchAll(/\{(\w+)\}/g)].flatMap((match) => match[1] ?? []);
  const sent = Object.entries(properties).filter(([name]) => !inPath.includes(name));
  const tokens = [operation.token, ...(operation.alsoTakes ?? [])];
  const { permission } = operation;
  const isPermissionKnown =
    permission === null ? call.permissions.length === 0 : call.permissions.includes(permission);
  return [
    ...tokens
      .filter((token) => !call.tokens.includes(token))
      .map((token) => `token: Meta does not accept ${token}`),
    ...(isPermissionKnown ? [] : [`permission: ${permission} is not among ${call.permissions}`]),
    ...(sent.length === 0 || call.sends.includes(operation.sends)
      ? []
      : [`sends: Meta does not accept ${operation.sends}`]),
    ...sent.flatMap(([name, value]) => mismatches(value, call.parameters[name], name)),
    ...call.required
      .filter((name) => !required.includes(name))
      .map((name) => `parameter ${name}: Meta requires it`),
    ...inPath
      .filter((name) => !required.includes(name))
      .map((name) => `parameter ${name}: the path requires it`),
  ];
}

function mismatches(value: Fact, fact: Fact | undefined, name: string): string[] {
  if (fact === undefined) return [`parameter ${name}: Meta does not know it`];
  const inner = Object.entries(value.properties ?? {}).flatMap(([key, one]) =>
    mismatches(one, fact.properties?.[key], `${name}.${key}`),
  );
  const items = value.items ? mismatches(value.items, fact.items ?? {}, `${name}[]`) : [];
  return [...valueMismatches(value, fact, name), ...inner, ...items];
}

function valueMismatches(value: Fact, fact: Fact, name: string): string[] {
  const isNested = /[.[]/.test(name);
  if (fact.enum !== undefined && (value.enum !== undefined || !isNested)) {
    const wrong = value.enum?.filter((one) => !fact.enum?.includes(one)) ?? ['any value'];
    return wrong.map((one) => `parameter ${name}: Meta does not accept ${one}`);
  }
  const types = typesOf(value).filter((type) => !typesOf(fact).includes(type));
  const [lowest, highest] = rangeOf(value);
  const [minimum, maximum] = rangeOf(fact);
  const isOutside = lowest < minimum || highest > maximum;
  return [
    ...(fact.type === undefined
      ? []
      : types.map((type) => `parameter ${name}: not of type ${type}`)),
    ...(isOutside ? [`parameter ${name}: must be from ${minimum} to ${maximum}`] : []),
  ];
}

function unknownIn(read: Fact, fact: Fact, path: string): string[] {
  const inner = Object.entries(read.properties ?? {}).flatMap(([key, value]) => {
    const known = fact.properties?.[key];
    if (known === undefined) return [`${path}.${key}: Meta does not return it`];
    return unknownIn(value, known, `${path}.${key}`);
  });
  const items = read.items && fact.items ? unknownIn(read.items, fact.items, `${path}[]`) : [];
  const types = [typesOf(read), typesOf(fact)];
  const isPossible =
    types.some((one) => one.length === 0) || types[0]?.some((type) => types[1]?.includes(type));
  return [...(isPossible ? [] : [`${path}: Meta returns ${types[1]}`]), ...inner, ...items];
}

function rangeOf({ minimum, maximum, enum: values }: Fact): [lowest: number, highest: number] {
  const numbers = values?.filter((value) => typeof value === 'number') ?? [];
  if (numbers.length > 0) return [Math.min(...numbers), Math.max(...numbers)];
  return [minimum ?? Number.NEGATIVE_INFINITY, maximum ?? Number.POSITIVE_INFINITY];
}

function typesOf(fact: Fact): string[] {
  const types = fact.type ?? [...new Set(fact.enum?.map((value) => typeof value) ?? [])];
  return [types].flat().map((type) => (type === 'integer' ? 'number' : type));
}
