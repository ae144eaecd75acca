import { z } from 'zod';
import { type ChannelctlError, usageError } from '../../shared/errors.ts';
import { readYaml } from '../../shared/yaml-document.ts';
import { type Fault, faultSchema } from '../http/faults.ts';
import { findIssues } from './checks.ts';
import { DEFAULT_WEBHOOKS, defaultPerson } from './defaults.ts';
import { type PersonSeed, type SeedFields, seedFields } from './schema.ts';

const seedSchema = seedFields.superRefine((seed, context) => {
  for (const fault of findIssues(seed)) context.addIssue({ code: 'custom', ...fault });
});

/** What a sandbox begins with. Every part that is left out is that of the default seed. */
export type Seed = z.input<typeof seedSchema>;

/** A seed with nothing left open but the secrets, which are made at the start. */
export type CompleteSeed = SeedFields & { people: PersonSeed[] };

/**
 * Reads a seed from YAML or JSON.
 *
 * @throws ChannelctlError of kind `usage` that names the path of the first fault
 */
export function parseSeed(text: string): Seed {
  // An id that is not in quotes stays a number, for the message that says so.
  const { value } = readYaml(text, 'The seed', (_, number) => number);
  return checked(seedSchema, value);
}

/** Fills in what a seed leaves out. */
export function completeSeed(seed: Seed): CompleteSeed {
  const isDefaultApp = seed.apps === undefined && seed.instagram === undefined;
  const webhooks = seed.webhooks ?? (isDefaultApp ? DEFAULT_WEBHOOKS : []);
  const complete = checked(seedSchema, { ...seed, webhooks });
  return { ...complete, people: complete.people ?? [defaultPerson(complete.pages)] };
}

/** Checks a fault that comes while the sandbox runs. */
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
