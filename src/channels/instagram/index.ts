import { metaValueProblem } from '../../shared/secrets.ts';
import {
  type Channel,
  expiryOf,
  graphIdProblem,
  optionalIdProblem,
  TOKEN_EXPIRY_KEY,
} from '../channel.ts';
import { INSTAGRAM_PERMISSIONS, instagramWebhooks } from './webhooks.ts';

export const instagram: Channel = {
  name: 'instagram',
  label: 'Instagram',
  integrationKeys: [
    { name: 'app_id', label: 'Instagram app ID', problem: optionalIdProblem },
    { name: 'app_secret', label: 'Instagram app secret', problem: metaValueProblem },
    { name: 'meta_app_id', label: 'Meta app ID (for webhooks)', problem: optionalIdProblem },
    { name: 'meta_app_secret', label: 'Meta app secret', problem: metaValueProblem },
  ],
  accountKeys: [
    { name: 'ig_user_id', label: 'Instagram user ID', required: true, problem: graphIdProblem },
    { name: 'access_token', label: 'Access token', required: true, problem: metaValueProblem },
    { name: 'username', label: 'Username' },
    TOKEN_EXPIRY_KEY,
  ],
  idKeys: ['ig_user_id'],
  proposedAccountKey: ({ ig_user_id }) =>
    ig_user_id === undefined ? undefined : `ig-${ig_user_id}`,
  documentSections: ['subscribed', 'subscribed_fields'],
  // An Instagram app has its own ID and secret, besides those of the Meta app that contains it.
  usesMetaApp: false,
  metaAppKeys: { id: 'meta_app_id', secret: 'meta_app_secret' },
  defaultRedirect: 'https://localhost:8976/callback',
  connectCommand: () => 'instagram connect',
  token: {
    field: 'access_token',
    kind: 'instagram',
    service: 'instagram_graph',
    expiryKey: TOKEN_EXPIRY_KEY.name,
    permissions: INSTAGRAM_PERMISSIONS,
    async renew(token, { graph, now }) {
      const grant_type = 'ig_refresh_token';
      const answer = await graph.call(
        'refreshInstagramToken',
        { grant_type, access_token: token },
        null,
      );
      return { token: answer.access_token, expiresAt: expiryOf(answer, now) };
    },
    isTooYoung: ({ code, message }) =>
      (code === 100 || code === 10) && /24 hours old/.test(message ?? ''),
    renewCommand: () => 'channelctl instagram connect',
  },
  webhooks: instagramWebhooks,
  check: async () => (await import('./check.ts')).checkInstagram,
  remoteApi: async () => (await import('./remote.ts')).instagramRemoteApi,
};
