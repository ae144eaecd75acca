import type { RemoteApi } from '../meta/remote.ts';
import { INSTAGRAM_FIELDS } from './rules.ts';

/** A profile: the webhooks it sends to the app whose token it is. */
export const instagramAtMeta: RemoteApi = {
  async read({ graph, credentials, config }) {
    const { data } = await graph.call('listInstagramSubscriptions', {}, credentials);
    const fields = data.flatMap(({ subscribed_fields }) => subscribed_fields ?? []);
    return {
      displayName: null,
      subscription: {
        of: `profile ${config.ig_user_id}`,
        subscribed: fields.length > 0,
        fields,
        usualFields: INSTAGRAM_FIELDS,
        override: null,
      },
      menu: null,
      registered: null,
    };
  },
  async subscribe({ graph, credentials }, { fields }) {
    const subscribed_fields = fields.join(',');
    await graph.call('subscribeInstagram', { subscribed_fields }, credentials);
  },
};
