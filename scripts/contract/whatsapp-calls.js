/**
 * Extracts the facts about WhatsApp calls from Meta's OpenAPI description: paths, methods,
 * parameters, request bodies, response fields and enumerations. Prose, examples and error responses
 * are left out.
 *
 * A fact about a value is a JSON Schema that consists of the keywords below.
 */

const PATHS = [
  '/{Version}/{Business-ID}/client_whatsapp_business_accounts',
  '/{Version}/{Business-ID}/owned_whatsapp_business_accounts',
  '/{Version}/{Phone-Number-ID}',
  '/{Version}/{Phone-Number-ID}/deregister',
  '/{Version}/{Phone-Number-ID}/register',
  '/{Version}/{Phone-Number-ID}/request_code',
  '/{Version}/{Phone-Number-ID}/verify_code',
  '/{Version}/{Phone-Number-ID}/whatsapp_business_profile',
  '/{Version}/{WABA-ID}',
  '/{Version}/{WABA-ID}/phone_numbers',
  '/{Version}/{WABA-ID}/subscribed_apps',
];

const METHODS = ['get', 'post', 'delete'];

const KEYWORDS = [
  ...['enum', 'maxLength', 'maximum', 'minLength', 'minimum', 'pattern', 'required', 'type'],
];

/** Objects below this depth, such as the templates of a WABA, are not described. */
const MAX_DEPTH = 3;

/**
 * @param {any} description the parsed description
 * @returns {Record<string, {query?: object, body?: object, answer?: object}>} the facts by call, such
 *   as `GET graph.facebook.com/{version}/{waba_id}`
 */
export function whatsappCalls(description) {
  const host = new URL(description.servers[0].url).host;
  return sorted(
    PATHS.flatMap((path) => {
      const item = description.paths[path];
      if (item === undefined) throw new Error(`The description has no path ${path}.`);
      return METHODS.filter((method) => method in item).map((method) => [
        `${method.toUpperCase()} ${host}${normalizedPath(path)}`,
        factsOf(description, item[method]),
      ]);
    }),
  );
}

/** Names the path parameters like the operations of channelctl: `{waba_id}`. */
function normalizedPath(path) {
  return path.replace(/\{[^}]+\}/g, (name) => name.toLowerCase().replaceAll('-', '_'));
}

function factsOf(description, call) {
  const resolve = (value) => resolved(description, value);
  const query = call.parameters.map(resolve).filter((parameter) => parameter.in === 'query');
  const schemaIn = (content) => content?.['application/json']?.schema;
  const schemas = {
    query: query.length === 0 ? undefined : objectOf(query),
    body: schemaIn(resolve(call.requestBody ?? {}).content),
    answer: schemaIn(resolve(call.responses['200'] ?? {}).content),
  };
  const given = Object.entries(schemas).filter(([, schema]) => schema !== undefined);
  return sorted(given.map(([part, schema]) => [part, fact(description, schema, 0)]));
}

function objectOf(parameters) {
  return {
    type: 'object',
    required: parameters.filter(({ required }) => required).map(({ name }) => name),
    properties: Object.fromEntries(parameters.map(({ name, schema }) => [name, schema])),
  };
}

function fact(description, reference, depth) {
  const schema = resolved(description, reference);
  const alternatives = schema.oneOf ?? schema.anyOf ?? schema.allOf;
  if (alternatives !== undefined) return merged(description, alternatives, depth);
  const own = KEYWORDS.filter((keyword) => keyword in schema).map((keyword) => {
    const value = schema[keyword];
    return [keyword, keyword === 'enum' || keyword === 'required' ? [...value].sort() : value];
  });
  const entries = own.filter(([keyword, value]) => keyword !== 'required' || value.length > 0);
  if (schema.nullable === true) entries.push(['type', [schema.type, 'null']]);
  if (schema.items !== undefined) entries.push(['items', fact(description, schema.items, depth)]);
  if (schema.properties !== undefined && depth < MAX_DEPTH) {
    const properties = Object.entries(schema.properties);
    entries.push([
      'properties',
      sorted(properties.map(([name, inner]) => [name, fact(description, inner, depth + 1)])),
    ]);
  }
  return sorted(entries);
}

function merged(description, alternatives, depth) {
  const facts = alternatives.map((schema) => fact(description, schema, depth));
  const properties = facts.flatMap((one) => Object.entries(one.properties ?? {}));
  return { properties: sorted(properties), type: 'object' };
}

function resolved(description, value) {
  const { $ref } = value;
  if ($ref === undefined) return value;
  const path = $ref.replace(/^#\//, '').split('/');
  const target = path.reduce((inner, key) => inner?.[key], description);
  if (target === undefined) throw new Error(`The description has no ${$ref}.`);
  return resolved(description, target);
}

function sorted(entries) {
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
