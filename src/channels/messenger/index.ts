import { metaValueProblem } from '../../shared/secrets.ts';
import { type Channel, expiryOf, graphIdProblem, optionalIdProblem } from '../channel.ts';
import { messengerWebhooks, PAGE_PERMISSIONS } from './webhooks.ts';

export const messenger: Channel = {
  name: 'messenger',
  label: 'Messenger',
  integrationKeys: [
    { name: 'app_id', label: 'Meta app ID', problem: optionalIdProblem },
    { name: 'app_secret', label: 'Meta app secret', problem: metaValueProblem },
    {
      name: 'config_id',
      label: 'Facebook Login for Business configuration ID (leave empty if none)',
      problem: optionalIdProblem,
    },
  ],
  accountKeys: [
    { name: 'page_id', label: 'Page ID', required: true, problem: graphIdProblem },
    {
      name: 'page_access_token',
      label: 'Page access token',
      required: true,
      problem: metaValueProblem,
    },
  ],
  idKeys: ['page_id'],
  proposedAccountKey: ({ page_id }) => (page_id === undefined ? undefined : `fb-${page_id}`),
  documentSections: ['menu', 'subscribed', 'subscribed_fields'],
  usesMetaApp: true,
  // Facebook Login accepts plain HTTP on localhost for apps in development mode.
  defaultRedirect: 'http://localhost:8976/callback',
  connectCommand: () => 'messenger connect',
  token: {
    field: 'page_access_token',
    kind: 'page',
    permissions: PAGE_PERMISSIONS,
    target: 'page_id',
    renewCommand: (account) =>
      `channelctl messenger connect --page ${account?.config.page_id ?? '<id>'}`,
  },
  integrationToken: {
    field: 'user_token',
    kind: 'user',
    permissions: ['pages_show_list'],
    // Some tokens of system users never expire.
    mayNotExpire: true,
    // Only a new sign-in extends a user token that is already long-lived.
    renewalMayKeepExpiry: true,
    async renew(token, { graph, app, now }) {
      const known = await app();
      const exchange = {
        grant_type: 'fb_exchange_token',
        client_id: known.id,
        client_secret: known.secret,
        fb_exchange_token: token,
      } as const;
      const { isSystemUserToken } = await import('../meta/inspect-token.ts');
      const answer = (await isSystemUserToken(graph, known, token))
        ? await graph.call(
            'renewBusinessToken',
            { ...exchange, set_token_expires_in_60_days: 'true' },
            null,
          )
        : await graph.call('extendUserToken', exchange, null);
      return { token: answer.access_token, expiresAt: expiryOf(answer, now) };
    },
    renewCommand: () => 'channelctl messenger connect --list-only',
  },
  webhooks: messengerWebhooks,
  check: async () => (await import('./check.ts')).checkPage,
  remoteApi: async () => (await import('./remote.ts')).messengerRemoteApi,
};
