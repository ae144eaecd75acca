import { z } from 'zod';
import { webhookObject } from '../../graph/operations/webhooks.ts';
import { callbackUrl, id } from './parts.ts';

export const webhookSeed = z.strictObject({
  app_id: id,
  object: webhookObject,
  callback_url: callbackUrl,
  fields: z.array(z.string()).default([]),
  active: z.boolean().default(true),
});

export type WebhookSeed = z.output<typeof webhookSeed>;
