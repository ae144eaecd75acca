import { INTEGRATION_FIELDS, integrationView } from '../../accounts/account-view.ts';
import { channelNamed } from '../../channels/index.ts';
import { isSecretKey } from '../../shared/secrets.ts';
import { defineCommand } from '../shared/command.ts';
import {
  ACTIVE_OPTIONS,
  activeOption,
  CHANNEL_ARGUMENT,
  CONFIG_OPTIONS,
  isEmptyChange,
  UNSET_OPTION,
  updatedText,
} from '../shared/config-options.ts';
import { viewOptions } from '../shared/view-options.ts';
import { checkIntegrationValues, storeIntegration } from './store-integration.ts';

export const set = defineCommand({
  name: 'set',
  summary: 'Create or change the integration of a channel',
  role: 'admin',
  missingProfile: 'created',
  examples: [
    { line: 'integrations set messenger', about: 'Enter the configuration interactively' },
    {
      line: 'integrations set messenger --config app_id=1234 --config app_secret=@secret.txt',
      about: 'Set the app ID, and read the app secret from a file',
    },
    {
      line: 'integrations set messenger --inactive',
      about: 'Deactivate an integration without deleting it',
    },
  ],
  notes:
    'Values are merged key by key. If you pass the masked value shown by integrations get, the secret is not changed. An app secret that replaces a stored one is verified with Meta first: if Meta rejects it, nothing is changed (exit code 5). The secret of an Instagram app cannot be verified.\nUse --config-file for values that begin with @, - or env:, and for values that are not strings.',
  result: { fields: INTEGRATION_FIELDS },
  arguments: { '<channel>': CHANNEL_ARGUMENT },
  options: {
    ...CONFIG_OPTIONS,
    ...UNSET_OPTION,
    ...ACTIVE_OPTIONS,
    '--division-id <id>': 'division of the integration ("" for none)',
  },
  async run(options, context) {
    const view = viewOptions(context);
    const channel = channelNamed(options.channel);
    const { channel: _name, ...changes } = options;
    const { readConfigOptions } = await import('../shared/read-config-options.ts');
    const asks = isEmptyChange(changes);
    const change = asks
      ? await (await import('./set-questions.ts')).askForKeys(channel, context)
      : await readConfigOptions(options, context);
    checkIntegrationValues(channel.name, change);
    if (Object.keys(change.set).some(isSecretKey)) {
      const { tryAppSecret } = await import('../shared/try-app-secret.ts');
      await tryAppSecret(channel, change, context);
    }
    const stored = await storeIntegration(
      channel.name,
      change,
      context,
      ({ is_active, division_id }) => ({
        is_active: activeOption(options) ?? is_active,
        division_id: updatedText(options.divisionId, division_id),
      }),
    );
    const data = integrationView(view, channel.name, stored);
    if (!asks) return { data };
    const { summarizeIntegration } = await import('./set-questions.ts');
    return { data, summary: summarizeIntegration(channel, change, data) };
  },
});
