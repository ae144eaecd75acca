import {
  checkSetting,
  isMachineSetting,
  LOCAL,
  SETTING_KEYS,
  settingKey,
  settingVariable,
} from '../../profile/settings.ts';
import { defineCommand } from '../shared/command.ts';
import { SETTING_FIELDS } from './list.ts';

export const set = defineCommand({
  name: 'set',
  summary: 'Change a setting of the profile',
  role: 'admin',
  missingProfile: 'created',
  examples: [
    {
      line: 'config set webhook_base_url https://desk.example.com/webhooks',
      about: 'Set the base URL of your webhooks',
    },
    { line: 'config set secrets file', about: 'Store secrets in an encrypted file from now on' },
    { line: 'config set output json', about: 'Print JSON by default' },
  ],
  result: { fields: SETTING_FIELDS },
  arguments: { '<key>': `one of ${SETTING_KEYS.join(', ')}`, '<value>': 'new value' },
  async run(options, { profile, machine, warn, env }) {
    const key = settingKey(options.key);
    checkSetting(key, options.value);
    if (key === 'state' && options.value !== LOCAL) {
      const { parseAddress } = await import('../../profile/backends/address.ts');
      parseAddress(options.value, 'The value');
    }
    await (isMachineSetting(key) ? machine : profile).change((draft) => {
      draft.settings[key] = options.value;
    });
    const variable = settingVariable(key);
    if (variable !== null && env[variable] && env[variable] !== options.value) {
      warn(`${variable} overrides this setting.`, `Unset ${variable} for the setting to apply.`);
    }
    if (key === 'secrets') await warnOfSecretsElsewhere();
    if (key === 'role' && options.value !== 'admin') {
      warn(
        `The role of this profile is now ${options.value}, and no command can raise it again.`,
        `To restore it, edit settings.role in ${machine.path}.`,
      );
    }
    return { data: { key, value: options.value, source: 'profile' } };

    async function warnOfSecretsElsewhere(): Promise<void> {
      const { accounts, integrations } = await profile.read();
      const elsewhere = [...integrations, ...accounts]
        .flatMap((owner) => Object.values(owner.secrets))
        .filter(({ store }) => store !== options.value);
      if (elsewhere.length === 0) return;
      warn(
        `Existing secrets were not moved (${elsewhere.length} in ${[...new Set(elsewhere.map(({ store }) => store))].join(' and ')}).`,
        options.value === 'env'
          ? 'Set their variables, or change the setting back.'
          : `To move them, run: channelctl secrets move --to ${options.value}`,
      );
    }
  },
});
