import { z } from 'zod';

/** Graph ids are strings; where Meta sends a number it is turned into one. */
export const graphId = z.union([z.string(), z.number()]).transform(String);

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

export const success = z.looseObject({ success: z.boolean() });

export const tokenAnswer = z.looseObject({
  access_token: z.string(),
  token_type: z.string().optional(),
  /** Seconds. */
  expires_in: z.number().optional(),
});
