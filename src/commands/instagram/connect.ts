import { accountName } from '../../accounts/accounts.ts';
import { readProfile, storeProfile, subscribeAccount } from '../../channels/instagram/account.ts';
import { instagram } from '../../channels/instagram/index.ts';
import { authorizationUrl, exchangeInstagramCode } from '../../channels/instagram/login.ts';
import { loadMetaApp } from '../../channels/meta/app.ts';
import { defineCommand } from '../shared/command.ts';
import { withProgress } from '../shared/progress.ts';
import { obtainCode, SIGN_IN_OPTIONS } from '../shared/sign-in-options.ts';

export const connect = defineCommand({
  name: 'connect',
  summary: 'Sign in with Instagram and connect the account',
  role: 'admin',
  missingProfile: 'created',
  examples: [
    { line: 'instagram connect', about: 'Sign in with a browser' },
    { line: 'instagram connect --no-browser', about: 'Sign in on a machine without a browser' },
    {
      line: 'instagram connect --code - --redirect-uri https://desk.example.com/callback',
      about: 'Use a code from your own sign-in page, read from stdin',
    },
  ],
  notes:
    'Instagram redirects only to HTTPS URIs. If redirect_uri is not set, the redirect URI is https://localhost:8976/callback; add it to the redirect URIs of your app. Connecting an account again renews its token and its webhook subscription.',
  result: { fields: ['success', 'account_key', 'display_name', 'username', 'token_expires_at'] },
  options: SIGN_IN_OPTIONS,
  async run(options, context) {
    const app = await loadMetaApp('instagram', context);
    // A code works only once, so this first makes sure that the token can be stored.
    await context.profile.assertWritable();
    const graph = await context.graph();
    const { code, redirectUri } = await obtainCode(options, context, {
      name: 'Instagram',
      channel: instagram,
      authorizationUrl: (redirectUri, state) =>
        authorizationUrl(context.env, app, redirectUri, state),
    });
    return withProgress(context.terminal, 'Signing in', async (progress) => {
      const newToken = await exchangeInstagramCode(graph, app, redirectUri, code, context.now());
      const profile = await readProfile(graph, newToken.token);
      for (const name of newToken.missingPermissions) {
        const hint = 'Connect again, and grant all requested permissions.';
        context.warn(`The permission ${name} was not granted.`, hint);
      }
      if (profile.account_type === 'PERSONAL') {
        context.warn(
          'The account is a personal account, for which Meta sends no webhooks.',
          'Switch to a professional account (business or creator) in the settings of the Instagram app, then connect again.',
        );
      }
      const divisionId = context.settings.value('division_id');
      const account = await context.profile.change((draft, secrets) =>
        storeProfile(draft, secrets, profile, newToken, { ...context, divisionId }),
      );
      progress.update('Subscribing to webhooks');
      const credentials = { token: newToken.token, accountId: account.id };
      await subscribeAccount(graph, { account, credentials });
      return {
        data: {
          success: true,
          account_key: account.account_key,
          display_name: account.display_name,
          username: profile.username,
          token_expires_at: newToken.expiresAt,
        },
        summary: `Connected @${profile.username} as ${accountName(account)}.`,
      };
    });
  },
});
