import type { ParametersOf } from '../../graph/operations/index.ts';
import type { Json } from '../../shared/json.ts';
import type { RemoteAccount, RemoteApi, RemoteMenu } from '../meta/remote.ts';
import { WrongOwnerError } from '../meta/wrong-owner.ts';
import { readMessengerProfile, subscribePage } from './api.ts';
import { messengerWebhooks } from './webhooks.ts';

export const messengerRemoteApi: RemoteApi = {
  async read(page) {
    const [subscription, { persistent_menu, get_started, whitelisted_domains }] = await Promise.all(
      [
        messengerWebhooks.readSubscription(page),
        readMessengerProfile(page.graph, page.credentials),
      ],
    );
    return {
      displayName: null,
      subscription: {
        of: `page ${pageId(page)}`,
        ...subscription,
      },
      menu: {
        persistent_menu: persistent_menu as Json[] | null,
        get_started: get_started?.payload ?? null,
      },
      whitelistedDomains: whitelisted_domains,
      registered: null,
    };
  },
  async tryToken(page) {
    // For a Page's token, `me` is that Page. Any Page's token could read a public Page by its ID.
    const parameters = { page_id: 'me', fields: 'id' };
    const { id } = await page.graph.call('getPage', parameters, page.credentials);
    if (id === pageId(page)) return;
    throw new WrongOwnerError(
      `The token does not belong to Page ${pageId(page)}, but to ${id}.`,
      `Connect the Page: channelctl messenger connect --page ${pageId(page)}`,
    );
  },
  subscribe: (page, { fields }) =>
    subscribePage(page.graph, pageId(page), fields, page.credentials),
  async setMenu({ graph, credentials }, { persistent_menu, get_started }: RemoteMenu) {
    const menu = persistent_menu as ParametersOf<'setMessengerProfile'>['persistent_menu'] | null;
    await graph.call(
      'setMessengerProfile',
      {
        ...(menu && { persistent_menu: menu }),
        ...(get_started !== null && { get_started: { payload: get_started } }),
      },
      credentials,
    );
  },
  async deleteMenu({ graph, credentials }) {
    await graph.call('deleteMessengerProfile', { fields: ['persistent_menu'] }, credentials);
  },
};

function pageId({ config }: RemoteAccount): string {
  return String(config.page_id);
}
