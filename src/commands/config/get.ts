import { SETTING_KEYS, settingKey } from '../../profile/settings.ts';
import { defineCommand } from '../shared/command.ts';
import { SETTING_FIELDS } from './list.ts';

export const get = defineCommand({
  name: 'get',
  summary: 'Show one setting',
  role: 'agent',
  examples: [
    { line: 'config get graph_version', about: 'Its value, and where it comes from' },
    { line: 'config get webhook_base_url --json', about: 'The same for a script' },
  ],
  result: { fields: SETTING_FIELDS },
  arguments: { '<key>': SETTING_KEYS.join(', ') },
  run: async ({ key }, { settings }) => ({ data: settings.get(settingKey(key)) }),
});
