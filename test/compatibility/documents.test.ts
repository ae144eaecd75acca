import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { home } from '../support/cli.ts';
import { deskVariables, fixture, fixtureJson, fixtureText } from './support.ts';

function exportedSecrets(variables: Record<string, string>): Record<string, string> {
  const { APP_SECRET = '', BUSINESS_TOKEN = '', PIN = '', INSTAGRAM_TOKEN = '' } = variables;
  const { PAGE_81_TOKEN = '', PAGE_82_TOKEN = '', MAIL_PASSWORD = '' } = variables;
  return {
    CHANNELCTL_SECRET_WHATSAPP_APP_SECRET: APP_SECRET,
    CHANNELCTL_SECRET_MESSENGER_APP_SECRET: APP_SECRET,
    CHANNELCTL_SECRET_INSTAGRAM_APP_SECRET: 'ig-secret-800-of-the-desk',
    CHANNELCTL_SECRET_WHATSAPP_WA_5011_ACCESS_TOKEN: BUSINESS_TOKEN,
    CHANNELCTL_SECRET_WHATSAPP_WA_5011_PIN: PIN,
    CHANNELCTL_SECRET_WHATSAPP_WA_5021_ACCESS_TOKEN: BUSINESS_TOKEN,
    CHANNELCTL_SECRET_MESSENGER_FB_81_PAGE_ACCESS_TOKEN: PAGE_81_TOKEN,
    CHANNELCTL_SECRET_MESSENGER_FB_82_PAGE_ACCESS_TOKEN: PAGE_82_TOKEN,
    CHANNELCTL_SECRET_INSTAGRAM_IG_17841445902716038_ACCESS_TOKEN: INSTAGRAM_TOKEN,
    CHANNELCTL_SECRET_EMAIL_SUPPORT_EXAMPLE_COM_PASSWORD: MAIL_PASSWORD,
  };
}

async function deskWithDocuments(secrets = (variables: Record<string, string>) => variables) {
  const variables = await deskVariables();
  const own = await home({ ...variables, ...secrets(variables) });
  const folder = join(own.configDir, 'documents');
  await cp(fixture('documents'), folder, { recursive: true });
  return { ...own, path: (name: string) => join(folder, name) };
}

describe('the document with every part that 0.1.0 knows', () => {
  test('has every key of the JSON Schema of 0.1.0', () => {
    const known = keysInSchema(fixtureJson('documents', 'schema.json'));
    expect(known.size).toBeGreaterThan(30);
    const keys = keysIn(parse(fixtureText('documents', 'full.yaml')));
    expect([...known].filter((key) => !keys.has(key))).toEqual([]);
  });

  test('is valid in editors with the JSON Schema of this version, which has all keys of 0.1.0', async () => {
    const schema = await (await home()).json('schema');
    const validate = new Ajv2020({ strict: false }).compile(schema);
    expect(validate(parse(fixtureText('documents', 'full.yaml')))).toBe(true);
    expect(validate(fixtureJson('documents', 'exported.json'))).toBe(true);
    expect(validate({ version: 2 })).toBe(false);
    const known = keysInSchema(schema);
    const old = keysInSchema(fixtureJson('documents', 'schema.json'));
    expect([...old].filter((key) => !known.has(key))).toEqual([]);
  });

  test('plans the steps that 0.1.0 plans', async () => {
    const { path, ...own } = await deskWithDocuments();
    const { stdout } = await own.cli('plan', '-f', path('full.yaml'), '--allow-commands', '--json');
    const planned = fixtureJson('documents', 'full.plan.json');
    expect(JSON.parse(stdout)).toEqual({ ...planned, notes: [] });
  });

  test('leaves no difference once it is applied, and is exported as 0.1.0 exports it', async () => {
    const { path, ...own } = await deskWithDocuments();
    const applied = await own.json('apply', '-f', path('full.yaml'), '--yes');
    expect(applied.success).toBe(true);
    const plan = await own.json('plan', '-f', path('full.yaml'), '--allow-commands');
    expect(plan).toEqual({ differences: 0, steps: [], problems: [], notes: [] });
    const { stdout } = await own.cli('export', '-o', 'yaml');
    expect(stdout).toBe(await readFile(path('exported.yaml'), 'utf8'));
  });
});

describe.each(['exported.yaml', 'exported.json'])('the document %s of 0.1.0', (name) => {
  test('leaves no difference once it is applied', async () => {
    const { path, ...own } = await deskWithDocuments(exportedSecrets);
    const applied = await own.json('apply', '-f', path(name), '--yes');
    expect(applied.steps.length).toBeGreaterThan(10);
    expect(applied).toMatchObject({ success: true, problems: [] });
    const plan = await own.json('plan', '-f', path(name));
    expect(plan).toEqual({ differences: 0, steps: [], problems: [], notes: [] });
  });
});

function keysIn(value: unknown, path = ''): Set<string> {
  if (Array.isArray(value)) return new Set(value.flatMap((item) => [...keysIn(item, path)]));
  if (typeof value !== 'object' || value === null) return new Set();
  return new Set(
    Object.entries(value).flatMap(([key, inner]) => {
      const name = ['menus', 'subscriptions'].includes(path) ? '*' : key;
      const here = path === '' ? name : `${path}.${name}`;
      return [here, ...keysIn(inner, here)];
    }),
  );
}

interface Schema {
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  items?: Schema;
  anyOf?: Schema[];
  $defs?: Record<string, Schema>;
}

function keysInSchema(schema: Schema, path = ''): Set<string> {
  const { properties = {}, additionalProperties: others, items, anyOf = [], $defs } = schema;
  const named = Object.entries(properties).flatMap(([key, inner]) => {
    const here = path === '' ? key : `${path}.${key}`;
    return [here, ...keysInSchema(inner, here)];
  });
  const secret = $defs?.reference;
  return new Set([
    ...named,
    ...(typeof others === 'object' ? keysInSchema(others, `${path}.*`) : []),
    ...(items === undefined ? [] : keysInSchema(items, path)),
    ...anyOf.flatMap((one) => [...keysInSchema(one, path)]),
    ...(secret === undefined ? [] : keysInSchema(secret, 'integrations.config.app_secret')),
  ]);
}
