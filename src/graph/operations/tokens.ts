import { z } from 'zod';
import { operation } from './operation.ts';
import { graphId } from './shapes.ts';

/** Token inspection. */
export const tokens = {
  /** Times are in seconds since the epoch; `expires_at` 0 means never. */
  debugToken: operation({
    purpose: 'inspect the token',
    service: 'graph',
    method: 'GET',
    path: '/debug_token',
    token: 'app',
    parameters: z.strictObject({ input_token: z.string() }),
    sends: 'query',
    answer: z.looseObject({
      data: z.looseObject({
        app_id: graphId.nullish(),
        type: z.string().nullish(),
        application: z.string().nullish(),
        is_valid: z.boolean(),
        expires_at: z.number().nullish(),
        data_access_expires_at: z.number().nullish(),
        scopes: z.array(z.string()).nullish(),
        granular_scopes: z
          .array(z.looseObject({ scope: z.string(), target_ids: z.array(graphId).nullish() }))
          .nullish(),
        user_id: graphId.nullish(),
        profile_id: graphId.nullish(),
        error: z
          .looseObject({
            code: z.number().nullish(),
            message: z.string().nullish(),
            subcode: z.number().nullish(),
          })
          .nullish(),
      }),
    }),
    permission: null,
    repeatable: true,
  }),
};
