import { Ajv, type ValidateFunction } from 'ajv';
import type { Exchange } from './exchanges.ts';
import { type Call, ERRORS, type Fact } from './facts.ts';

/** Any call with a token accepts this parameter. Source: Meta, "Secure Graph API calls". */
const PROOF = 'appsecret_proof';

const ajv = new Ajv({ strict: false, allErrors: true });
ajv.addKeyword({
  keyword: 'names',
  validate: (known: string[], value: string) =>
    value.split(',').every((name) => known.includes(name)),
  error: { message: ({ schema }) => `must be a list of ${schema.join(', ')}` },
});

const validators = new WeakMap<Fact, ValidateFunction>();

export function differencesIn(value: unknown, fact: Fact): string[] {
  const validate = validators.get(fact) ?? ajv.compile(closed(fact));
  validators.set(fact, validate);
  validate(value);
  return (validate.errors ?? []).map(({ instancePath, message, params }) => {
    const { additionalProperty, allowedValues } = params;
    return [instancePath, additionalProperty, message, allowedValues?.join(', ')]
      .filter((part) => part !== undefined && part !== '')
      .join(' ');
  });
}

function closed(fact: Fact): object {
  const { properties, items, ...rest } = fact;
  return {
    ...rest,
    ...(items !== undefined && { items: closed(items) }),
    ...(properties !== undefined && {
      additionalProperties: false,
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, inner]) => [name, closed(inner)]),
      ),
    }),
  };
}

export function requestDifferences({ request }: Exchange, call: Call): string[] {
  const { query, body, hasToken, service } = request;
  const inQuery = Object.entries(query).filter(([name]) => !isProof(name));
  const inBody = Object.entries(body?.fields ?? {}).filter(([name]) => !isProof(name));
  const sent = [...inQuery, ...inBody];
  const expectsToken = !call.tokens.includes('none');
  return [
    ...(hasToken === expectsToken ? [] : [`token in the header: ${hasToken}`]),
    ...(inQuery.length > 0 && !call.sends.includes('query') ? ['parameters in the query'] : []),
    ...(body !== null && !call.sends.includes(body.type) ? [`parameters as ${body.type}`] : []),
    ...sent.flatMap(([name, value]) => parameterDifferences(name, value, call)),
    ...call.required
      .filter((name) => !sent.some(([other]) => other === name))
      .map((name) => `parameter ${name} is missing`),
  ];

  function isProof(name: string): boolean {
    return name === PROOF && service === 'graph' && hasToken;
  }
}

function parameterDifferences(name: string, value: unknown, call: Call): string[] {
  const fact = call.parameters[name];
  if (fact === undefined) return [`parameter ${name} is unknown`];
  if (name === 'fields' && call.fields !== null) return unknownFields(String(value), call);
  return differencesIn(typed(value, fact), fact).map((found) => `parameter ${name}: ${found}`);
}

function unknownFields(list: string, { fields }: Call): string[] {
  return list
    .split(',')
    .filter((name) => fields !== null && !Object.hasOwn(fields, name))
    .map((name) => `field ${name} is unknown`);
}

function typed(value: unknown, { type }: Fact): unknown {
  const isText = type === 'string' || type === undefined || Array.isArray(type);
  return typeof value === 'string' && !isText ? JSON.parse(value) : value;
}

export function answerDifferences({ request, status, answer }: Exchange, call: Call): string[] {
  if (status !== 200) return shortest(ERRORS.map((error) => differencesIn(answer, error)));
  return [...differencesIn(answer, call.answer), ...unrequestedIn(answer, request.query.fields)];
}

function unrequestedIn(answer: unknown, fields: string | undefined): string[] {
  if (fields === undefined) return [];
  const { data, ...node } = Object(answer);
  const requested = [...fields.split(','), ...ALWAYS_RETURNED];
  return [...new Set((Array.isArray(data) ? data : [node]).flatMap(Object.keys))]
    .filter((name) => !requested.includes(name))
    .map((name) => `field ${name} was not requested`);
}

/** Meta always returns `id`; the sandbox also always returns the `user_id` of an Instagram account. */
const ALWAYS_RETURNED = ['id', 'user_id'];

export function shortest(alternatives: readonly string[][]): string[] {
  return alternatives.reduce((best, one) => (one.length < best.length ? one : best));
}
