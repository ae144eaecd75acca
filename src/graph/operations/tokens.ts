import { z } from 'zod';
import { operation } from './operation.ts';
import { detail, graphId, numeric, strings } from './shapes.ts';

export const tokens = {
  /** Inspects a token. Times are in seconds since the epoch; an `expires_at` of 0 means "never". */
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
        type: detail,
        application: detail,
        is_valid: z.boolean(),
        expires_at: numeric,
        data_access_expires_at: numeric,
        scopes: strings,
        granular_scopes: z
          .array(z.looseObject({ scope: z.string(), target_ids: z.array(graphId).nullish() }))
          .nullish()
          .catch(undefined),
        user_id: graphId.nullish(),
        profile_id: graphId.nullish(),
        error: z
          .looseObject({
            code: numeric,
            message: detail,
            subcode: numeric,
          })
          .nullish()
          .catch(undefined),
      }),
    }),
    permission: null,
    repeatable: true,
  }),
};
