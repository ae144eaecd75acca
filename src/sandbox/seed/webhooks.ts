import { z } from 'zod';
import { callbackUrl, id } from './parts.ts';

export const webhookSeed = z.strictObject({
  app_id: id,
  object: z.enum(['whatsapp_business_account', 'page', 'instagram']),
  callback_url: callbackUrl,
  fields: z.array(z.string()).default([]),
  active: z.boolean().default(true),
});

export type WebhookSeed = z.output<typeof webhookSeed>;
