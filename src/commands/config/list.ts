import { SETTING_KEYS, settingDescription, settingVariable } from '../../profile/settings.ts';
import { defineCommand } from '../shared/command.ts';

export const SETTING_FIELDS = ['key', 'value', 'source'] as const;

export const list = defineCommand({
  name: 'list',
  summary: 'List the effective settings',
  role: 'agent',
  examples: [
    { line: 'config list', about: 'List all settings with the sources of their values' },
    { line: 'config list --json', about: 'Print all settings as JSON' },
  ],
  notes: `Settings:\n${SETTING_KEYS.map((key) => {
    const variable = settingVariable(key);
    return `  ${key.padEnd(17)} ${settingDescription(key)}${variable === null ? '' : ` (${variable})`}`;
  }).join('\n')}`,
  result: { fields: SETTING_FIELDS },
  run: async (_options, { settings }) => ({
    data: SETTING_KEYS.map((key) => settings.get(key)),
  }),
});
