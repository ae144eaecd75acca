import { z } from 'zod';
import { operation } from './operation.ts';
import { graphId } from './shapes.ts';

const named = z.looseObject({ id: graphId, name: z.string().nullish() });

export const nodes = {
  getUser: operation({
    purpose: "read the token's owner",
    service: 'graph',
    method: 'GET',
    path: '/{user_id}',
    token: 'user',
    alsoTakes: ['business'],
    parameters: z.strictObject({ user_id: z.string(), fields: z.string().optional() }),
    sends: 'query',
    answer: named.extend({
      client_business_id: graphId.nullish().catch(undefined),
    }),
    permission: null,
    repeatable: true,
  }),

  getApp: operation({
    purpose: 'read the app',
    service: 'graph',
    method: 'GET',
    path: '/{app_id}',
    token: 'app',
    parameters: z.strictObject({ app_id: z.string(), fields: z.string().optional() }),
    sends: 'query',
    answer: named,
    permission: null,
    repeatable: true,
  }),
};
