import { z } from 'zod';
import { operation } from './operation.ts';
import { strings } from './shapes.ts';

const menuAction = z.looseObject({
  type: z.string(),
  title: z.string(),
  payload: z.string().optional(),
  url: z.string().optional(),
});

const menuEntry = z.looseObject({
  locale: z.string(),
  composer_input_disabled: z.boolean().optional(),
  disabled_surfaces: z.array(z.string()).optional(),
  call_to_actions: z.array(menuAction).optional(),
});

const getStarted = z.looseObject({ payload: z.string() });

export const menu = {
  /** Sets the given properties of the token's Page. Other properties are not changed. */
  setMessengerProfile: operation({
    purpose: 'set the persistent menu',
    service: 'graph',
    method: 'POST',
    path: '/me/messenger_profile',
    token: 'page',
    parameters: z.strictObject({
      persistent_menu: z.array(menuEntry).optional(),
      get_started: getStarted.optional(),
      whitelisted_domains: z.array(z.string()).optional(),
    }),
    sends: 'json',
    answer: z.looseObject({ result: z.string() }),
    permission: 'pages_messaging',
    repeatable: true,
  }),

  getMessengerProfile: operation({
    purpose: 'read the persistent menu',
    service: 'graph',
    method: 'GET',
    path: '/me/messenger_profile',
    token: 'page',
    parameters: z.strictObject({ fields: z.string().optional() }),
    sends: 'query',
    answer: z.looseObject({
      data: z.array(
        z.looseObject({
          persistent_menu: z.array(menuEntry).optional(),
          get_started: getStarted.optional(),
          whitelisted_domains: strings,
        }),
      ),
    }),
    permission: 'pages_messaging',
    repeatable: true,
  }),

  deleteMessengerProfile: operation({
    purpose: 'delete the persistent menu',
    service: 'graph',
    method: 'DELETE',
    path: '/me/messenger_profile',
    token: 'page',
    parameters: z.strictObject({ fields: z.array(z.string()) }),
    sends: 'json',
    answer: z.looseObject({ result: z.string() }),
    permission: 'pages_messaging',
    repeatable: true,
  }),
};
