import { z } from 'zod';
import { operation } from './operation.ts';

/** The maximum number of calls in a batch request (Meta, "Batch Requests"). */
export const MAX_BATCH_SIZE = 50;

const header = z.looseObject({ name: z.string(), value: z.string() });

/**
 * The response to one call of a batch request, with the body as a string. Null if the call timed
 * out; an unreadable entry is treated in the same way.
 */
const batchEntry = z
  .looseObject({
    code: z.number().int(),
    headers: z.array(header).nullish().catch(undefined),
    body: z.string().nullish(),
  })
  .nullable()
  .catch(null);

export type BatchEntry = z.output<typeof batchEntry>;

export const batch = {
  /**
   * Makes several calls in one request. Each counts against the rate limits as a separate call. A
   * call without a token of its own in `relative_url` uses the token of the request.
   */
  sendBatch: operation({
    purpose: 'send a batch request',
    service: 'graph',
    method: 'POST',
    path: '/',
    token: 'business',
    alsoTakes: ['user', 'page', 'app'],
    parameters: z.strictObject({
      batch: z
        .array(
          z.strictObject({
            method: z.enum(['GET', 'POST', 'DELETE']),
            /** Path and query, with or without a leading slash and a version. */
            relative_url: z.string(),
            body: z.string().optional(),
          }),
        )
        .min(1),
      /** Whether the entries of the response contain headers; true if omitted. */
      include_headers: z.boolean().optional(),
    }),
    sends: 'form',
    answer: z.array(batchEntry),
    permission: null,
    repeatable: false,
  }),
};
