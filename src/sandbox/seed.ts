import { parseDocument } from 'yaml';
import { z } from 'zod';
import { type ChannelctlError, usageError } from '../shared/errors.ts';
import { ALL_TASKS, DEFAULT_PAGES, defaultTasks } from './default-pages.ts';
import { type Fault, faultSchema } from './faults.ts';
import { instagramSeed } from './seed-instagram.ts';
import { id, secret } from './seed-parts.ts';
import { webhookSeed } from './seed-webhooks.ts';
import { whatsappSeed } from './seed-whatsapp.ts';

const app = z.strictObject({
  id,
  secret,
  name: z.string().min(1),
  mode: z.enum(['development', 'live']).default('development'),
  /** Redirect addresses that may be used besides `http://localhost` in development. */
  redirect_uris: z.array(z.string()).default([]),
  /** Whether every call must carry `appsecret_proof`. */
  require_proof: z.boolean().default(false),
  /** Configurations of Facebook Login for Business. Empty: any `config_id` is taken. */
  config_ids: z.array(z.string()).default([]),
});

const page = z.strictObject({ id, name: z.string().min(1), category: z.string().optional() });

const person = z.strictObject({
  id,
  name: z.string().min(1),
  pages: z.array(z.strictObject({ id, tasks: z.array(z.string()).default([...ALL_TASKS]) })),
});

const DEFAULT_APP = {
  id: '1045730918264417',
  name: 'Sandbox Desk',
  redirect_uris: ['https://localhost:8976/callback'],
};

const DEFAULT_PERSON = { id: '1045066120934571', name: 'Robin Aldersey' };

const seedSchema = z
  .strictObject({
    apps: z.array(app).min(1).prefault([DEFAULT_APP]),
    pages: z.array(page).default(DEFAULT_PAGES),
    /** Where absent, one person with every task on every Page of the seed. */
    people: z.array(person).min(1).optional(),
    whatsapp: whatsappSeed.prefault({}),
    instagram: instagramSeed.prefault({}),
    /** App-level webhook subscriptions that stand from the start. */
    webhooks: z.array(webhookSeed).default([]),
    faults: z.array(faultSchema).default([]),
  })
  .superRefine((seed, context) => {
    const fault = (path: (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path, message });
    const once = (entries: readonly Entry[]) => {
      const seen = new Set<string>();
      for (const [item, path] of entries) {
        if (seen.has(item)) fault(path, `${item} is there twice`);
        seen.add(item);
      }
    };
    for (const list of ['apps', 'pages', 'people'] as const)
      once(entriesOf(seed[list] ?? [], [list]));
    const { wabas } = seed.whatsapp;
    const place = ['whatsapp', 'wabas'];
    once(entriesOf(wabas, place));
    once(wabas.flatMap(({ numbers }, index) => entriesOf(numbers, [...place, index, 'numbers'])));
    const { accounts } = seed.instagram;
    once(
      accounts.map(({ user_id }, index) => [user_id, ['instagram', 'accounts', index, 'user_id']]),
    );
    const pages = new Set(seed.pages.map((item) => item.id));
    for (const [index, { pages: roles }] of (seed.people ?? []).entries()) {
      for (const [position, role] of roles.entries()) {
        if (pages.has(role.id)) continue;
        fault(['people', index, 'pages', position, 'id'], `no Page of the seed is ${role.id}`);
      }
    }
  });

/** What a sandbox begins with. Every part that is left out is that of the default seed. */
export type Seed = z.input<typeof seedSchema>;

/** A seed with nothing left open but the secrets, which are made at the start. */
export type CompleteSeed = z.output<typeof seedSchema> & { people: z.output<typeof person>[] };

/**
 * Reads a seed from YAML or JSON.
 *
 * @throws ChannelctlError of kind `usage` that names the path of the first fault
 */
export function parseSeed(text: string): Seed {
  const document = parseDocument(text);
  const [fault] = document.errors;
  if (fault !== undefined) throw seedError(fault.message.split('\n')[0] ?? fault.code);
  const value: unknown = document.toJS();
  return checked(seedSchema, value);
}

/** Fills in what a seed leaves out. */
export function completeSeed(seed: Seed): CompleteSeed {
  const complete = checked(seedSchema, seed);
  return { ...complete, people: complete.people ?? [defaultPerson(complete.pages)] };
}

/** Checks a fault that comes while the sandbox runs. */
export function checkFault(fault: Fault) {
  return checked(faultSchema, fault);
}

/** An id, and where it stands in the seed. */
type Entry = [id: string, path: (string | number)[]];

function entriesOf(items: readonly { id: string }[], place: (string | number)[]): Entry[] {
  return items.map((item, index) => [item.id, [...place, index, 'id']]);
}

function defaultPerson(pages: readonly { id: string; name: string }[]) {
  const roles = pages.map((item) => ({ id: item.id, tasks: defaultTasks(item) }));
  return { ...DEFAULT_PERSON, pages: roles };
}

function checked<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = z.safeParse(schema, value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const path = dotted(issue?.path ?? []);
  throw seedError(path === '' ? String(issue?.message) : `${path}: ${issue?.message}`);
}

function seedError(reason: string): ChannelctlError {
  return usageError(
    'The seed can not be used.',
    `${reason}.`,
    'Correct the seed file, or start without --seed for the built-in one.',
  );
}

function dotted(path: readonly PropertyKey[]): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');
}
