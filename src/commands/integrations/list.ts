import { INTEGRATION_FIELDS, presentIntegration } from '../../accounts/account-view.ts';
import { CHANNELS } from '../../channels/index.ts';
import { viewOf } from '../shared/account-view.ts';
import { defineCommand } from '../shared/command.ts';

export const list = defineCommand({
  name: 'list',
  summary: 'List the integrations',
  role: 'supervisor',
  examples: [
    { line: 'integrations list', about: 'Those that are configured' },
    { line: 'integrations list --all --json', about: 'All channels, for a script' },
  ],
  result: {
    fields: INTEGRATION_FIELDS,
    columns: ['channel', 'is_active', 'division_id', 'updated_at', 'id'],
    leaving: ['id'],
    whenEmpty: 'No integration is configured. Run: channelctl integrations set <channel>',
  },
  options: { '--all': 'also the channels that are not configured' },
  async run(options, context) {
    const view = viewOf(context);
    const { integrations } = await context.profile.read();
    const data = CHANNELS.map(({ name }) =>
      presentIntegration(
        view,
        name,
        integrations.find(({ channel }) => channel === name),
      ),
    ).filter(({ id }) => options.all === true || id !== null);
    return { data };
  },
});
