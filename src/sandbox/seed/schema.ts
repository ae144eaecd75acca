import { z } from 'zod';
import { faultSchema } from '../http/faults.ts';
import { LOOPBACK } from '../oauth/redirect-uris.ts';
import { ALL_TASKS, DEFAULT_PAGES } from './default-pages.ts';
import { instagramSeed } from './instagram.ts';
import { id, secret, time } from './parts.ts';
import { webhookSeed } from './webhooks.ts';
import { whatsappSeed } from './whatsapp.ts';

const app = z.strictObject({
  id,
  secret,
  name: z.string().min(1),
  mode: z.enum(['development', 'live']).default('development'),
  /**
   * Redirect addresses, compared exactly, besides `http://localhost` in development. `loopback`
   * stands for every address of this machine.
   */
  redirect_uris: z.array(z.string()).default([]),
  /** Whether every call must carry `appsecret_proof`. */
  require_proof: z.boolean().default(false),
  /** Configurations of Facebook Login for Business. Empty: any `config_id` is taken. */
  config_ids: z.array(z.string()).default([]),
});

const page = z.strictObject({
  id,
  name: z.string().min(1),
  category: z.string().optional(),
  /** When the token expires that is ready from the start; never where it is absent. */
  token_expires_at: time.optional(),
});

const person = z.strictObject({
  id,
  name: z.string().min(1),
  pages: z.array(z.strictObject({ id, tasks: z.array(z.string()).default([...ALL_TASKS]) })),
});

export const DEFAULT_APP = {
  id: '1045730918264417',
  name: 'Sandbox Desk',
  redirect_uris: [LOOPBACK],
};

/** The parts of a seed, each by itself. */
export const seedFields = z.strictObject({
  apps: z.array(app).min(1).prefault([DEFAULT_APP]),
  pages: z.array(page).default(DEFAULT_PAGES),
  /** Where absent, one person with every task on every Page of the seed. */
  people: z.array(person).min(1).optional(),
  whatsapp: whatsappSeed.prefault({}),
  instagram: instagramSeed.prefault({}),
  /** App-level webhook subscriptions that stand from the start. */
  webhooks: z.array(webhookSeed).default([]),
  faults: z.array(faultSchema).default([]),
});

export type SeedFields = z.output<typeof seedFields>;
export type PersonSeed = z.output<typeof person>;
