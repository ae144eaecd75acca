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

/** The initial state of a sandbox. Omitted parts are those of the default seed. */
export type Seed = z.input<typeof seedSchema>;

/** A seed with all defaults applied; secrets are still generated at the start. */
export type CompleteSeed = SeedFields & { people: PersonSeed[]; webhooks: WebhookSeed[] };

/**
 * Reads a seed from YAML or JSON.
 *
 * @throws ChannelctlError of kind `usage` that names the path of the first issue
 */
export function parseSeed(text: string): Seed {
  // An ID without quotes stays a number, so that the error message can report it.
  const { value } = readYaml(text, 'The seed', (_, number) => number);
  return checked(seedSchema, value);
}

/** Applies the defaults. */
export function completeSeed(seed: Seed): CompleteSeed {
  const complete = checked(seedSchema, seed);
  const { apps, instagram, pages, people, webhooks } = complete;
  // By ID: a seed that was read from a file has the default apps filled in.
  const hasDefaultApps =
    apps.every(({ id }) => id === DEFAULT_APP.id) && instagram.app_id === DEFAULT_INSTAGRAM_APP_ID;
  return {
    ...complete,
    people: people ?? [defaultPerson(pages)],
    webhooks: webhooks ?? (hasDefaultApps ? DEFAULT_WEBHOOKS : []),
  };
}

/** Validates a fault that is injected while the sandbox runs. */
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
  return usageError('The seed can not be used.', {
    reason: `${reason}.`,
    hint: 'Correct the seed file, or start without --seed for the built-in one.',
  });
}

function dotted(path: readonly PropertyKey[]): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');
}
