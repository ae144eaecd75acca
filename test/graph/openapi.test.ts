import { existsSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { OperationName } from '../../src/graph/operations/index.ts';
import { whatsapp } from '../../src/graph/operations/whatsapp.ts';
import { type Exchange, recordExchanges } from './whatsapp-exchanges.ts';

// Checks the client's requests and the sandbox's responses against Meta's OpenAPI description of
// the WhatsApp Business API, if that file is next to the checkout.
const FILE = new URL('../../../shared/meta-openapi-v23.yaml', import.meta.url);
const isThere = existsSync(FILE);
const note = isThere ? '' : ' (skipped: ../shared/meta-openapi-v23.yaml does not exist)';

/** The path and method of each declared call in the description. */
const DESCRIBED: Readonly<Record<keyof typeof whatsapp, readonly [path: string, method: string]>> =
  {
    getPhoneNumber: ['/{Version}/{Phone-Number-ID}', 'get'],
    setTwoStepPin: ['/{Version}/{Phone-Number-ID}', 'post'],
    setNumberWebhook: ['/{Version}/{Phone-Number-ID}', 'post'],
    registerPhoneNumber: ['/{Version}/{Phone-Number-ID}/register', 'post'],
    deregisterPhoneNumber: ['/{Version}/{Phone-Number-ID}/deregister', 'post'],
    getWaba: ['/{Version}/{WABA-ID}', 'get'],
    listPhoneNumbers: ['/{Version}/{WABA-ID}/phone_numbers', 'get'],
    listWabaSubscriptions: ['/{Version}/{WABA-ID}/subscribed_apps', 'get'],
    subscribeWaba: ['/{Version}/{WABA-ID}/subscribed_apps', 'post'],
    unsubscribeWaba: ['/{Version}/{WABA-ID}/subscribed_apps', 'delete'],
  };

/** Examples in the description that violate its own schema. */
const CONTRADICTIONS = [
  // The example has UNKNOWN and NOT_VERIFIED; the enumerations have NA and UNVERIFIED.
  'get /{Version}/{WABA-ID}/phone_numbers 200: /data/1/quality_rating',
  'get /{Version}/{WABA-ID}/phone_numbers 200: /data/1/code_verification_status',
];

/**
 * Fields that the sandbox returns although no schema has them, with the place where Meta documents
 * them.
 */
const BEYOND_THE_SCHEMAS: Readonly<Record<string, string>> = {
  account_mode: 'the fields of the list of numbers',
  error_data: 'the error codes of the Cloud API, "details"',
  health_status: 'the reference of a number and of a WABA, "messaging health status"',
  is_official_business_account: 'the fields of the list of numbers',
  is_pin_enabled: 'the reference of a number',
  message_template_namespace: 'the examples and the fields of a WABA, whose schema lacks it',
  messaging_limit_tier: 'the fields of the list of numbers',
  name_status: 'the reference of a number; the schema of the list calls it unified_cert_status',
  override_callback_uri: 'the example of subscribing with a callback URL',
  platform_type: 'the reference of a number',
  status: 'the reference of a number',
  throughput: 'the reference of a number',
  whatsapp_business_api_data: 'the examples of the list of subscribed apps, whose schema lacks it',
};

/** A parameter that is not in the description, because every Graph call accepts it. */
const COMMON_PARAMETER = 'appsecret_proof';

interface Schema {
  $ref?: string;
  type?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  oneOf?: Schema[];
}
interface Content {
  content?: Record<
    string,
    { schema: Schema; example?: unknown; examples?: Record<string, { value: unknown }> }
  >;
}
interface Described {
  parameters: ({ $ref: string } | Parameter)[];
  requestBody?: Content;
  responses: Record<string, Content>;
}
interface Parameter {
  $ref?: undefined;
  name: string;
  in: string;
  required?: boolean;
  schema: Schema;
}
interface Description {
  paths: Record<string, Record<string, Described>>;
  components: { schemas: Record<string, Schema>; parameters: Record<string, Parameter> };
}

describe.skipIf(!isThere)(`Meta's description of the WhatsApp Business API${note}`, () => {
  let description: Description;
  let ajv: Ajv;
  let exchanges: Exchange[];

  beforeAll(async () => {
    description = parse(readFileSync(FILE, 'utf8'));
    ajv = new Ajv({
      strict: false,
      validateFormats: false,
      validateSchema: false,
      allErrors: true,
    });
    ajv.addSchema(description, 'meta');
    exchanges = await recordExchanges();
  });

  /** Returns the paths at which a value violates a schema. */
  function violationsOf(schema: Schema, value: unknown): string[] {
    const here = JSON.stringify(schema).replaceAll('"#/', '"meta#/');
    const validate = ajv.compile(JSON.parse(here));
    return validate(value) ? [] : (validate.errors ?? []).map(({ instancePath }) => instancePath);
  }

  function described(name: keyof typeof whatsapp): Described {
    const [path, method] = DESCRIBED[name];
    const found = description.paths[path]?.[method];
    if (found === undefined) throw new Error(`The description has no ${method} ${path}.`);
    return found;
  }

  function parametersOf(name: keyof typeof whatsapp): Parameter[] {
    return described(name).parameters.flatMap((parameter) => {
      if (parameter.$ref === undefined) return [parameter];
      const shared = description.components.parameters[parameter.$ref.split('/').at(-1) ?? ''];
      return shared === undefined ? [] : [shared];
    });
  }

  const schemaIn = (part: Content | undefined) => part?.content?.['application/json']?.schema;

  function resolved(schema: Schema): Schema {
    const name = schema.$ref?.split('/').at(-1);
    return name === undefined ? schema : (description.components.schemas[name] ?? schema);
  }

  /**
   * Returns the keys of a value that its schema does not define, including keys nested in known
   * ones.
   */
  function unknownKeysIn(schema: Schema, value: unknown): string[] {
    const { items, properties } = resolved(schema);
    if (Array.isArray(value)) {
      return items === undefined ? [] : value.flatMap((item) => unknownKeysIn(items, item));
    }
    if (typeof value !== 'object' || value === null || properties === undefined) return [];
    return Object.entries(value).flatMap(([key, inner]) => {
      const property = properties[key];
      return property === undefined ? [key] : unknownKeysIn(property, inner);
    });
  }

  function isWhatsapp(name: OperationName | null): name is keyof typeof whatsapp {
    return name !== null && Object.hasOwn(DESCRIBED, name);
  }

  function exchangesOf(name: string): Exchange[] {
    return exchanges.filter((exchange) => exchange.operation === name);
  }

  const names = Object.keys(DESCRIBED).filter((name): name is keyof typeof whatsapp =>
    Object.hasOwn(whatsapp, name),
  );

  it('covers every declared call, and each succeeds at least once', () => {
    expect([...names].sort()).toEqual(Object.keys(whatsapp).sort());
    expect(exchanges.every(({ operation }) => isWhatsapp(operation))).toBe(true);
    for (const name of names) {
      expect(exchangesOf(name).some(({ status }) => status === 200)).toBe(true);
    }
  });

  it.each(names)('accepts the request of %s', (name) => {
    const parameters = parametersOf(name);
    const [template] = DESCRIBED[name];
    const bodySchema = schemaIn(described(name).requestBody);
    for (const { path, query, headers, body } of exchangesOf(name)) {
      const inPath = [...template.matchAll(/\{([^}]+)\}/g)].map(([, key]) => key ?? '');
      const values = path.split('/').filter((_, index) => template.split('/')[index]?.[0] === '{');
      const sent: Record<string, Map<string, string>> = {
        path: new Map(inPath.map((key, index) => [key, values[index] ?? ''])),
        query: new Map([...query].filter(([key]) => key !== COMMON_PARAMETER)),
        header: new Map(headers),
      };
      for (const parameter of parameters) {
        const key = parameter.in === 'header' ? parameter.name.toLowerCase() : parameter.name;
        const value = sent[parameter.in]?.get(key);
        if (value === undefined) expect(parameter.required, parameter.name).not.toBe(true);
        else {
          const typed = parameter.schema.type === 'integer' ? Number(value) : value;
          expect(violationsOf(parameter.schema, typed), `${parameter.name} ${value}`).toEqual([]);
        }
      }
      const known = parameters.filter((parameter) => parameter.in === 'query');
      expect(known.map((parameter) => parameter.name)).toEqual(
        expect.arrayContaining([...(sent.query?.keys() ?? [])]),
      );
      const { [COMMON_PARAMETER]: _, ...rest } = Object(body);
      if (bodySchema === undefined) expect(rest).toEqual({});
      else {
        expect(violationsOf(bodySchema, rest)).toEqual([]);
        expect(unknownKeysIn(bodySchema, rest)).toEqual([]);
      }
    }
  });

  it.each(names)('accepts the response of the sandbox to %s', (name) => {
    for (const { status, answer } of exchangesOf(name)) {
      const schema = schemaIn(described(name).responses[status]);
      expect(schema, `HTTP ${status}`).toBeDefined();
      if (schema !== undefined) expect(violationsOf(schema, answer), `HTTP ${status}`).toEqual([]);
    }
  });

  it('lacks only the listed fields of the sandbox', () => {
    const unknownKeys = exchanges.flatMap(({ operation, status, answer }) => {
      const part = isWhatsapp(operation) ? described(operation).responses[status] : undefined;
      return unknownKeysIn(schemaIn(part) ?? {}, answer);
    });
    expect([...new Set(unknownKeys)].sort()).toEqual(Object.keys(BEYOND_THE_SCHEMAS).sort());
  });

  it('contradicts itself only in the listed places', () => {
    const violations = names.flatMap((name) =>
      Object.entries(described(name).responses).flatMap(([status, { content }]) => {
        const part = content?.['application/json'];
        if (part === undefined) return [];
        const examples = Object.values(part.examples ?? { only: { value: part.example } });
        const [path, method] = DESCRIBED[name];
        return examples
          .flatMap(({ value }) => violationsOf(part.schema, value))
          .map((place) => `${method} ${path} ${status}: ${place}`);
      }),
    );
    expect(violations).toEqual(CONTRADICTIONS);
  });
});
