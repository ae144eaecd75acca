import { INTEGRATION_FIELDS, integrationView } from '../../accounts/account-view.ts';
import { CHANNELS } from '../../channels/index.ts';
import { defineCommand } from '../shared/command.ts';
import { viewOptions } from '../shared/view-options.ts';

export const list = defineCommand({
  name: 'list',
  summary: 'List integrations',
  role: 'supervisor',
  readsCopy: true,
  examples: [
    { line: 'integrations list', about: 'List the configured integrations' },
    { line: 'integrations list --all --json', about: 'List all channels as JSON' },
  ],
  result: {
    fields: INTEGRATION_FIELDS,
    columns: ['channel', 'is_active', 'division_id', 'updated_at', 'id'],
    droppable: ['id'],
    whenEmpty: 'No integrations configured. To add one, run: channelctl integrations set <channel>',
  },
  options: { '--all': 'also list channels that are not configured' },
  async run(options, context) {
    const view = viewOptions(context);
    const { integrations } = await context.profile.read();
    const data = CHANNELS.map(({ name }) =>
      integrationView(
        view,
        name,
        integrations.find(({ channel }) => channel === name),
      ),
    ).filter(({ id }) => options.all === true || id !== null);
    return { data };
  },
});
