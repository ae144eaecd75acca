import type { RemoteApi } from '../meta/remote.ts';
import { instagramWebhooks } from './webhooks.ts';

/** The webhooks that a profile sends to the app of its token. */
export const instagramRemoteApi: RemoteApi = {
  async read(profile) {
    return {
      displayName: null,
      subscription: {
        of: `profile ${profile.config.ig_user_id}`,
        ...(await instagramWebhooks.readSubscription(profile)),
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
