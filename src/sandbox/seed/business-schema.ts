import { z } from 'zod';
import { id } from './id-schema.ts';

/**
 * A business portfolio with its Pages and WABAs. It also owns the WABAs whose `business_id` is its
 * ID.
 */
export const business = z.strictObject({
  id,
  name: z.string().min(1),
  people: z.array(id),
  owned_pages: z.array(id).default([]),
  client_pages: z.array(id).default([]),
  client_wabas: z.array(id).default([]),
});

const percent = z.int().min(0).default(0);

/**
 * The usage of a rate limit of a business portfolio. Responses about its WABAs, numbers and Pages
 * report it in `X-Business-Use-Case-Usage`.
 */
export const usage = z.strictObject({
  business_id: id,
  type: z.enum(['whatsapp_business_management', 'pages', 'messenger']),
  call_count: percent,
  total_cputime: percent,
  total_time: percent,
  /** In minutes. If it is not 0, calls are rejected with the error code of the limit. */
  estimated_time_to_regain_access: z.int().min(0).default(0),
});

export type BusinessSeed = z.output<typeof business>;
export type UsageSeed = z.output<typeof usage>;
