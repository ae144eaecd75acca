import { checkSetting, SETTING_KEYS, settingKey, settingVariable } from '../../profile/settings.ts';
import { defineCommand } from '../shared/command.ts';
import { SETTING_FIELDS } from './list.ts';

export const set = defineCommand({
  name: 'set',
  summary: 'Change a setting of the profile',
  role: 'admin',
  examples: [
    {
      line: 'config set webhook_base_url https://desk.example.com/webhooks',
      about: 'Where webhooks are served',
    },
    { line: 'config set secrets file', about: 'Keep secrets in an encrypted file from now on' },
    { line: 'config set output json', about: 'Print JSON unless told otherwise' },
  ],
  result: { fields: SETTING_FIELDS },
  arguments: { '<key>': SETTING_KEYS.join(', '), '<value>': 'the new value' },
  async run(options, { profile, warn, env }) {
    const key = settingKey(options.key);
    checkSetting(key, options.value);
    await profile.change((draft) => {
      draft.settings[key] = options.value;
    });
    const variable = settingVariable(key);
    if (variable !== null && env[variable] && env[variable] !== options.value) {
      warn(`${variable} still beats this setting.`, `Unset ${variable} for it to take effect.`);
    }
    if (key === 'secrets') await warnOfSecretsElsewhere();
    if (key === 'role' && options.value !== 'admin') {
      warn(
        `From now on this profile is ${options.value}, and no command widens that again.`,
        `Edit settings.role in ${profile.path} to go back.`,
      );
    }
    return { data: { key, value: options.value, source: 'profile' } };

    /**
     * Changing the store does not move secrets, so those in the other store can't be read anymore.
     */
    async function warnOfSecretsElsewhere(): Promise<void> {
      const { accounts, integrations } = await profile.read();
      const elsewhere = [...integrations, ...accounts]
        .flatMap((owner) => Object.values(owner.secrets))
        .filter(({ store }) => store !== options.value);
      if (elsewhere.length === 0) return;
      warn(
        `Secrets that are already kept stay where they are: ${elsewhere.length} in ${[...new Set(elsewhere.map(({ store }) => store))].join(' and ')}.`,
        'Give them again, or set secrets back.',
      );
    }
  },
});
