import { z } from 'zod';
import { type ChannelctlError, usageError } from '../../shared/errors.ts';
import { readYaml } from '../../shared/yaml-document.ts';
import { type Fault, faultSchema } from '../http/faults.ts';
import { findIssues } from './checks.ts';
import {
  DEFAULT_APP,
  DEFAULT_INSTAGRAM_APP_ID,
  DEFAULT_WEBHOOKS,
  defaultPerson,
} from './defaults.ts';
import { type PersonSeed, type SeedFields, seedFields, type WebhookSeed } from './schema.ts';

const seedSchema = seedFields.superRefine((seed, context) => {
  for (const issue of findIssues(seed)) context.addIssue({ code: 'custom', ...issue });
});

/** The initial state of a sandbox. Omitted parts are taken from the default seed. */
export type Seed = z.input<typeof seedSchema>;

/** A seed with defaults for everything except secrets, which are generated at startup. */
export type CompleteSeed = SeedFields & { people: PersonSeed[]; webhooks: WebhookSeed[] };

/**
 * Reads a seed from YAML or JSON.
 *
 * @throws ChannelctlError `usage` with the path of the first issue
 */
export function parseSeed(text: string): Seed {
  // Leaves an unquoted ID as a number, so that the schema can report it.
  const { value } = readYaml(text, 'The seed', (_, number) => number);
  return checked(seedSchema, value);
}

export function completeSeed(seed: Seed): CompleteSeed {
  const complete = checked(seedSchema, seed);
  const { apps, instagram, pages, people, webhooks } = complete;
  // Apps are compared by ID, because a seed read from a file already contains the default apps.
  const hasDefaultApps =
    apps.every(({ id }) => id === DEFAULT_APP.id) && instagram.app_id === DEFAULT_INSTAGRAM_APP_ID;
  return {
    ...complete,
    people: people ?? [defaultPerson(pages)],
    webhooks: webhooks ?? (hasDefaultApps ? DEFAULT_WEBHOOKS : []),
  };
}

export function checkFault(fault: Fault) {
  return checked(faultSchema, fault);
}

function checked<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = z.safeParse(schema, value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const path = dotted(issue?.path ?? []);
  throw seedError(path === '' ? String(issue?.message) : `${path}: ${issue?.message}`);
}

function seedError(reason: string): ChannelctlError {
  return usageError('The seed is invalid.', {
    reason: `${reason}.`,
    hint: 'Fix the seed, or omit --seed to use the default one.',
  });
}

function dotted(path: readonly PropertyKey[]): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');
}
