import { z } from 'zod';
import { operation } from './operation.ts';
import { detail, graphId, listOf, paging } from './shapes.ts';

const waba = z.looseObject({ id: graphId, name: detail });

const ofBusiness = {
  service: 'graph',
  method: 'GET',
  token: 'user',
  alsoTakes: ['business'],
  parameters: z.strictObject({
    business_id: z.string(),
    fields: z.string().optional(),
    /** The ID of the only WABA to return. */
    find: z.string().regex(/^\d+$/).optional(),
    ...paging,
    limit: z.number().int().min(1).max(100).optional(),
  }),
  sends: 'query',
  answer: listOf(waba),
  permission: 'whatsapp_business_management',
  repeatable: true,
} as const;

export const businesses = {
  listOwnedWabas: operation({
    purpose: "list the business portfolio's WABAs",
    path: '/{business_id}/owned_whatsapp_business_accounts',
    ...ofBusiness,
  }),

  listClientWabas: operation({
    purpose: 'list the WABAs shared with the business portfolio',
    path: '/{business_id}/client_whatsapp_business_accounts',
    ...ofBusiness,
  }),
};
