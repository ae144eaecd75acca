import { type Channel, graphIdProblem } from '../channel.ts';
import { renewCommand } from './number.ts';

export const whatsapp: Channel = {
  name: 'whatsapp',
  label: 'WhatsApp',
  integrationKeys: [
    { name: 'app_id', label: 'Id of your Meta app' },
    { name: 'app_secret', label: 'Secret of your Meta app' },
    {
      name: 'config_id',
      label: 'Configuration id of Facebook Login for Business, to sign up (empty for none)',
    },
  ],
  accountKeys: [
    { name: 'phone_number_id', label: 'Phone number id', required: true, problem: graphIdProblem },
    {
      name: 'waba_id',
      label: 'WhatsApp Business Account id',
      required: true,
      problem: graphIdProblem,
    },
    { name: 'access_token', label: 'Access token', required: true },
    {
      name: 'pin',
      label: 'PIN of two-step verification',
      problem: (value) => (/^\d{6}$/.test(value) ? undefined : 'is not exactly six digits'),
    },
  ],
  derivedAccountKey: { from: 'phone_number_id', prefix: 'wa-' },
  connector: async () => (await import('./connect.ts')).connector,
  token: {
    field: 'access_token',
    kind: 'business',
    permissions: ['whatsapp_business_management'],
    target: 'waba_id',
    renewCommand,
  },
  check: async () => (await import('./check.ts')).checkNumber,
  remoteApi: async () => (await import('./remote.ts')).whatsappAtMeta(),
};
