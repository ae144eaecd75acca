import { INTEGRATION_FIELDS, integrationView } from '../../accounts/account-view.ts';
import { channelNamed } from '../../channels/index.ts';
import { defineCommand } from '../shared/command.ts';
import { CHANNEL_ARGUMENT } from '../shared/config-options.ts';
import { readRevealedSecrets, viewOptions } from '../shared/view-options.ts';

export const get = defineCommand({
  name: 'get',
  summary: 'Show the integration of a channel',
  role: 'supervisor',
  readsCopy: true,
  examples: [
    { line: 'integrations get messenger', about: 'Show the integration with its secrets masked' },
    {
      line: 'integrations get messenger --json --fields config.app_id',
      about: 'Show one configuration key',
    },
    { line: 'integrations get messenger --reveal', about: 'Show the integration with its secrets' },
  ],
  result: { fields: INTEGRATION_FIELDS },
  arguments: { '<channel>': CHANNEL_ARGUMENT },
  options: { '--reveal': 'show secrets unmasked (requires the admin role)' },
  async run(options, context) {
    const { name } = channelNamed(options.channel);
    const { integrations } = await context.profile.read();
    const stored = integrations.find(({ channel }) => channel === name);
    const revealed = await readRevealedSecrets(options, { channel: name }, stored, context);
    return { data: integrationView(viewOptions(context, revealed), name, stored) };
  },
});
