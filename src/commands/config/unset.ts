import { isMachineSetting, SETTING_KEYS, Settings, settingKey } from '../../profile/settings.ts';
import { defineCommand } from '../shared/command.ts';
import { SETTING_FIELDS } from './list.ts';

export const unset = defineCommand({
  name: 'unset',
  summary: 'Reset a setting to its default',
  role: 'admin',
  examples: [
    {
      line: 'config unset webhook_base_url',
      about: 'Reset a setting and show its effective value',
    },
    { line: 'config unset output --profile trial', about: 'Reset a setting in another profile' },
  ],
  result: { fields: SETTING_FIELDS },
  arguments: { '<key>': `one of ${SETTING_KEYS.join(', ')}` },
  async run(options, { profile, machine, env }) {
    const key = settingKey(options.key);
    const owner = isMachineSetting(key) ? machine : profile;
    await owner.change((draft) => {
      delete draft.settings[key];
    });
    const { settings } = await owner.read();
    return { data: new Settings(settings, env, {}).get(key) };
  },
});
