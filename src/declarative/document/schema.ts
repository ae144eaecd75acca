import { z } from 'zod';
import type { KnownKey } from '../../accounts/config.ts';
import type { Channel, DocumentSection } from '../../channels/channel.ts';
import { CHANNEL_NAMES, CHANNELS } from '../../channels/index.ts';
import { SETTING_KEYS } from '../../profile/settings.ts';
import { FORMATS } from '../../shared/formats.ts';
import { ROLES } from '../../shared/roles.ts';
import { SECRET_STORES } from '../../shared/secrets.ts';
import { SECRET_KEY_PATTERN } from './secret-pattern.ts';

export const MUST_BE_REFERENCE =
  'is a secret and must be a reference: {env: NAME}, {file: path} or {command: [program, argument, …]}';

export const referenceSchema = z
  .union(
    [
      z.strictObject({
        env: z
          .string()
          .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
          .describe('An environment variable. If it is not set, the stored secret is not changed.'),
      }),
      z.strictObject({
        file: z.string().min(1).describe('A file, relative to the folder of the document.'),
      }),
      z.strictObject({
        command: z
          .array(z.string())
          .min(1)
          .describe('A program and its arguments, run without a shell. Its output is the secret.'),
      }),
    ],
    { error: MUST_BE_REFERENCE },
  )
  .describe('A reference to a secret. A trailing line break is removed.');

export type Reference = z.output<typeof referenceSchema>;

const configSchema = z
  .record(z.string(), z.json())
  .describe('Configuration keys. Secrets must be references, not literal values.')
  .meta({
    patternProperties: { [SECRET_KEY_PATTERN]: { $ref: '#/$defs/reference' } },
    additionalProperties: { $ref: '#/$defs/plain' },
  });

// The `meta` calls below describe to editors what `findDocumentIssues` checks.

const settingsSchema = z.partialRecord(z.enum(SETTING_KEYS), z.string()).meta({
  properties: {
    graph_version: { type: 'string', pattern: '^v\\d{1,3}\\.\\d{1,2}$' },
    role: { enum: ROLES },
    secrets: { enum: SECRET_STORES },
    output: { enum: FORMATS },
  },
});

const accountKey = z
  .string()
  .describe('Unique within the channel.')
  .meta({ pattern: '^[A-Za-z0-9._@+-]{1,128}$' });

const channel = z.enum(CHANNEL_NAMES, { error: `is not one of ${CHANNEL_NAMES.join(', ')}` });
const divisionId = z.string().min(1).nullable().optional();

function knownKeys(keysOf: (channel: Channel) => readonly KnownKey[]) {
  return CHANNELS.map((one) => ({
    if: { properties: { channel: { const: one.name } } },
    // biome-ignore lint/suspicious/noThenProperty: `then` is a keyword of JSON Schema.
    then: {
      properties: {
        config: {
          type: 'object',
          properties: Object.fromEntries(
            keysOf(one).map(({ name, label }) => [name, { description: label }]),
          ),
        },
      },
    },
  }));
}

const integrationSchema = z
  .strictObject({
    channel,
    is_active: z.boolean().optional(),
    division_id: divisionId,
    config: configSchema.optional(),
  })
  .meta({ allOf: knownKeys(({ integrationKeys }) => integrationKeys) });

const accountSchema = z
  .strictObject({
    channel,
    account_key: accountKey,
    display_name: z.string().nullable().optional(),
    is_active: z.boolean().optional(),
    is_default: z.boolean().optional().describe('At most one account per channel.'),
    division_id: divisionId,
    verify_token: z.string().min(1).optional().describe('Generated if omitted.'),
    config: configSchema.optional(),
  })
  .meta({ allOf: knownKeys(({ accountKeys }) => accountKeys) });

const menuSchema = z.strictObject({
  persistent_menu: z
    .array(z.json())
    .optional()
    .describe("In the format of Meta's Messenger Profile API."),
  get_started: z
    .union([z.string(), z.strictObject({ payload: z.string() })])
    .optional()
    .describe('The payload of the Get Started button, which a menu requires.'),
});

export function labelsWith(section: DocumentSection): string {
  const channels = CHANNELS.filter(({ documentSections }) => documentSections.includes(section));
  return new Intl.ListFormat('en-GB').format(channels.map(({ label }) => label));
}

const OVERRIDES = ['number', 'waba'] as const;

const subscriptionSchema = z.strictObject({
  subscribed: z
    .boolean()
    .optional()
    .describe(
      'Whether to subscribe the app to webhooks. If false, the subscription is not changed.',
    ),
  subscribed_fields: z
    .array(z.string().regex(/^[a-z_]+$/))
    .min(1)
    .optional()
    .describe(
      `${labelsWith('subscribed_fields')}: the webhook fields to subscribe to, which replace the current ones.`,
    ),
  override: z
    .union([z.boolean(), z.enum(OVERRIDES)], {
      error: `is not one of true, false, ${OVERRIDES.join(', ')}`,
    })
    .optional()
    .describe(
      `${labelsWith('override')}: whether to send the webhooks of the account's number or WABA to its webhook_url (true means waba). false removes the override of the WABA.`,
    ),
  registered: z
    .boolean()
    .optional()
    .describe(
      `${labelsWith('registered')}: whether to register the number. If false, its registration is not changed.`,
    ),
});

/** Version 1 of the document. Sections that a document omits are not changed. */
export const documentSchema = z
  .strictObject({
    $schema: z.string().optional(),
    version: z.literal(1, {
      error: ({ input }) =>
        input === undefined ? 'is missing' : 'is not 1, the only supported version',
    }),
    settings: settingsSchema.optional(),
    integrations: z.array(integrationSchema).optional(),
    accounts: z.array(accountSchema).optional(),
    menus: z
      .record(z.string(), menuSchema)
      .optional()
      .describe('Persistent menus by account name, such as messenger/fb-1065.'),
    subscriptions: z
      .record(z.string(), subscriptionSchema)
      .optional()
      .describe(
        'Remote state by account name. The app is subscribed to the webhooks of active accounts even without an entry.',
      ),
  })
  .meta({ title: 'Desired state of a channelctl profile' });

export type Document = z.output<typeof documentSchema>;

export type DocumentAccount = z.output<typeof accountSchema>;
export type DocumentMenu = z.output<typeof menuSchema>;
export type DocumentSubscription = z.output<typeof subscriptionSchema>;

const PLAIN = {
  anyOf: [
    {
      type: 'object',
      patternProperties: { [SECRET_KEY_PATTERN]: false },
      additionalProperties: { $ref: '#/$defs/plain' },
    },
    { type: 'array', items: { $ref: '#/$defs/plain' } },
    ...['string', 'number', 'boolean', 'null'].map((type) => ({ type })),
  ],
};

export function documentJsonSchema(): Record<string, unknown> {
  const { $schema: _, ...reference } = z.toJSONSchema(referenceSchema, { io: 'input' });
  const document = z.toJSONSchema(documentSchema, { io: 'input' });
  return { ...document, $defs: { ...document.$defs, reference, plain: PLAIN } };
}
