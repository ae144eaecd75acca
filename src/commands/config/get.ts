import { SETTING_KEYS, settingKey } from '../../profile/settings.ts';
import { defineCommand } from '../shared/command.ts';
import { SETTING_FIELDS } from './list.ts';

export const get = defineCommand({
  name: 'get',
  summary: 'Show one setting',
  role: 'agent',
  examples: [
    { line: 'config get graph_version', about: 'Show a setting and the source of its value' },
    { line: 'config get webhook_base_url --json', about: 'Print a setting as JSON' },
  ],
  result: { fields: SETTING_FIELDS },
  arguments: { '<key>': `one of ${SETTING_KEYS.join(', ')}` },
  run: async ({ key }, { settings }) => ({ data: settings.get(settingKey(key)) }),
});
