import { metaValueProblem } from '../../shared/secrets.ts';
import {
  type Channel,
  expiryOf,
  graphIdProblem,
  optionalIdProblem,
  TOKEN_EXPIRY_KEY,
} from '../channel.ts';
import { renewCommand } from './number.ts';
import { staysInBusinessApp } from './registration.ts';
import { whatsappWebhooks } from './webhooks.ts';

export const whatsapp: Channel = {
  name: 'whatsapp',
  label: 'WhatsApp',
  integrationKeys: [
    { name: 'app_id', label: 'Meta app ID', problem: optionalIdProblem },
    { name: 'app_secret', label: 'Meta app secret', problem: metaValueProblem },
    {
      name: 'config_id',
      label:
        'Facebook Login for Business configuration ID for Embedded Signup (leave empty if none)',
      problem: optionalIdProblem,
    },
  ],
  accountKeys: [
    { name: 'phone_number_id', label: 'Phone number ID', required: true, problem: graphIdProblem },
    {
      name: 'waba_id',
      label: 'WhatsApp Business Account ID',
      required: true,
      problem: graphIdProblem,
    },
    { name: 'access_token', label: 'Access token', required: true, problem: metaValueProblem },
    {
      name: 'pin',
      label: 'Two-step verification PIN',
      proposal: (_config, steps) => (steps.has('register') ? '' : undefined),
      whenEmpty: 'to generate one',
      problem: (value) => (/^\d{6}$/.test(value) ? undefined : 'must be exactly six digits'),
    },
    TOKEN_EXPIRY_KEY,
  ],
  derivedAccountKey: { from: 'phone_number_id', prefix: 'wa-' },
  idKeys: ['phone_number_id', 'waba_id'],
  isNeverRegistered: staysInBusinessApp,
  documentSections: ['subscribed', 'override', 'registered'],
  usesMetaApp: true,
  defaultRedirect: 'https://localhost:8976/callback',
  // Only Embedded Signup needs the configuration; a number with a token does not.
  connectCommand: ({ config_id }) => (config_id === undefined ? undefined : 'whatsapp signup'),
  createOptions: {
    '--no-register': 'do not register the number',
    '--no-subscribe': "do not subscribe the app to the WABA's webhooks",
  },
  connector: async () => (await import('./connect.ts')).connector,
  token: {
    field: 'access_token',
    kind: 'business',
    permissions: ['whatsapp_business_management'],
    target: 'waba_id',
    expiryKey: TOKEN_EXPIRY_KEY.name,
    mayNotExpire: true,
    async renew(token, { graph, app, now }) {
      const { id, secret } = await app();
      const answer = await graph.call(
        'renewBusinessToken',
        {
          grant_type: 'fb_exchange_token',
          client_id: id,
          client_secret: secret,
          set_token_expires_in_60_days: 'true',
          fb_exchange_token: token,
        },
        null,
      );
      return { token: answer.access_token, expiresAt: expiryOf(answer, now) };
    },
    renewCommand,
  },
  webhooks: whatsappWebhooks,
  check: async () => (await import('./check.ts')).numberCheck(),
  remoteApi: async () => (await import('./remote.ts')).whatsappRemoteApi(),
};
