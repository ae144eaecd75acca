import { z } from 'zod';
import { isMetaId } from '../../shared/meta-id.ts';

/** An ID in a response. It may become part of an account key or of the path of another call. */
export const graphId = z
  .union([z.string(), z.number()])
  .transform(String)
  .refine(isMetaId, 'not a Meta ID');

/**
 * A string that is only informative. Any other value is converted to a string, so that an
 * unexpected value is shown instead of making the response invalid.
 */
export const detail = z
  .string()
  .nullish()
  .catch(({ value }) => asText(value));

export const details = z
  .array(z.string())
  .nullish()
  .catch(({ value }) => (Array.isArray(value) ? value.map(asText) : [asText(value)]));

export function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** `{data, paging}`: one page of a list. The last one has no `paging.next`. */
export function listOf<Item extends z.ZodType>(item: Item) {
  return z.looseObject({
    data: z.array(item),
    paging: z
      .looseObject({
        cursors: z
          .looseObject({ before: z.string().optional(), after: z.string().optional() })
          .optional()
          .catch(undefined),
        next: z.string().nullish(),
      })
      .nullish(),
  });
}

export const paging = {
  limit: z.number().int().positive().optional(),
  after: z.string().optional(),
  before: z.string().optional(),
};

const flag = z
  .union([z.boolean(), z.enum(['true', 'false'])])
  .transform((value) => value === true || value === 'true');

/** The response to a change. The client turns `false` into an error. */
export const successFlag = z.looseObject({ success: flag });

/** A number that Meta may return as a string; undefined if Meta returns anything else. */
export const numeric = z
  .union([z.number(), z.string().regex(/^\d+$/).transform(Number)])
  .nullish()
  .catch(undefined)
  .transform((value) => value ?? undefined);

/**
 * A list of strings; null if Meta returns null, undefined if it returns anything else or nothing.
 */
export const strings = z.array(z.string()).nullish().catch(undefined);

export const tokenAnswer = z.looseObject({
  access_token: z.string(),
  token_type: detail,
  /** Seconds; undefined if Meta does not report the expiry. */
  expires_in: numeric,
});
