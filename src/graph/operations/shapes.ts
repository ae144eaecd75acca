import { z } from 'zod';

/** A Graph ID. A number is converted to a string. */
export const graphId = z.union([z.string(), z.number()]).transform(String);

/**
 * A string that is only informative. Any other value is converted to a string, so that an unexpected
 * value is shown instead of making the response invalid.
 */
export const detail = z
  .string()
  .nullish()
  .catch(({ value }) => asText(value));

/** A list of details. */
export const details = z
  .array(z.string())
  .nullish()
  .catch(({ value }) => (Array.isArray(value) ? value.map(asText) : [asText(value)]));

/** Returns a string unchanged and any other value as JSON. */
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
          .optional(),
        next: z.string().optional(),
      })
      .optional(),
  });
}

export const paging = {
  limit: z.number().int().positive().optional(),
  after: z.string().optional(),
  before: z.string().optional(),
};

/** The response to a change. The client turns `false` into an error. */
export const successFlag = z.looseObject({ success: z.boolean() });

export const tokenAnswer = z.looseObject({
  access_token: z.string(),
  token_type: z.string().optional(),
  /** Seconds. */
  expires_in: z.number().optional(),
});
