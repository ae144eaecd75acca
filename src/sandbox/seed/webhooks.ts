import { z } from 'zod';
import { id, webhookAddress } from './parts.ts';

export const webhookSeed = z.strictObject({
  app_id: id,
  object: z.enum(['whatsapp_business_account', 'page', 'instagram']),
  callback_url: webhookAddress,
  fields: z.array(z.string()).default([]),
  active: z.boolean().default(true),
});

export type WebhookSeed = z.output<typeof webhookSeed>;
