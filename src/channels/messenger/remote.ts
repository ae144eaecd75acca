import type { ParametersOf } from '../../graph/operations/index.ts';
import type { Json } from '../../shared/json.ts';
import type { MetaAccount, RemoteApi, RemoteMenu } from '../meta/remote.ts';
import { subscribePage } from './api.ts';
import { messengerProfile } from './messenger-profile.ts';
import { PAGE_FIELDS } from './page-rules.ts';

/** A Page: the webhooks it sends to the app, its menu and its Get Started button. */
export const messengerAtMeta: RemoteApi = {
  async read(page) {
    const { graph, credentials } = page;
    const page_id = pageId(page);
    const [apps, { persistent_menu, get_started }] = await Promise.all([
      graph.list('listPageSubscriptions', { page_id, fields: 'id,subscribed_fields' }, credentials),
      messengerProfile(graph, credentials),
    ]);
    const own = apps.filter(({ id }) => page.appId === null || id === page.appId);
    return {
      displayName: null,
      subscription: {
        of: `page ${page_id}`,
        subscribed: own.length > 0,
        fields: [...new Set(own.flatMap(({ subscribed_fields }) => subscribed_fields ?? []))],
        usualFields: PAGE_FIELDS,
        override: null,
      },
      menu: {
        persistent_menu: persistent_menu as Json[] | null,
        get_started: get_started?.payload ?? null,
      },
      registered: null,
    };
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

function pageId({ config }: MetaAccount): string {
  return String(config.page_id);
}
