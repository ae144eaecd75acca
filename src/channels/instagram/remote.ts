import type { RemoteApi } from '../meta/remote.ts';
import { profileMismatch, readProfileSubscription, readTokenOwner } from './webhooks.ts';

export const instagramRemoteApi: RemoteApi = {
  async read(profile) {
    const reading = readTokenOwner(profile);
    const [subscription, { error }] = await Promise.all([
      readProfileSubscription(profile, reading),
      reading,
    ]);
    // Without this check, a profile could be changed with the token of another profile.
    if (error !== null) throw error;
    return {
      displayName: null,
      subscription: {
        of: `profile ${profile.config.ig_user_id}`,
        ...subscription,
      },
      menu: null,
      registered: null,
    };
  },
  async tryToken(profile) {
    const owner = await readTokenOwner(profile);
    if (owner.error !== null) throw owner.error;
    const mismatch = profileMismatch(owner.value.user_id, profile.config);
    if (mismatch !== null) throw mismatch;
  },
  async subscribe({ graph, credentials }, { fields }) {
    const subscribed_fields = fields.join(',');
    await graph.call('subscribeInstagram', { subscribed_fields }, credentials);
  },
};
