import { count } from '../../shared/text.ts';
import { defineCommand } from '../shared/command.ts';
import { withProgress } from '../shared/progress.ts';

export const move = defineCommand({
  name: 'move',
  summary: 'Move all secrets to another secret store',
  role: 'admin',
  missingProfile: 'created',
  examples: [
    {
      line: 'secrets move --to file',
      about: 'Move the secrets from the keychain to an encrypted file',
    },
    { line: 'secrets move --to keychain', about: 'Move the secrets to the keychain' },
  ],
  notes:
    'Also changes the setting secrets to the new store. If the command fails or is interrupted, every secret remains readable, and the command can be run again. If a secret is missing in its store, nothing is moved.',
  result: { fields: ['success', 'store', 'moved'] },
  options: {
    '--to <store>': {
      description: 'secret store to move to',
      choices: ['keychain', 'file'],
      isRequired: true,
    },
  },
  async run({ to }, { env, profile, terminal, warn }) {
    const moved = await withProgress(terminal, 'Moving the secrets', () => profile.moveSecrets(to));
    const { CHANNELCTL_SECRETS: selected } = env;
    if (selected && selected !== to) {
      warn(
        `CHANNELCTL_SECRETS=${selected} overrides the setting secrets, so the secrets cannot be read.`,
        `Unset CHANNELCTL_SECRETS, or set it to ${to}.`,
      );
    }
    return {
      data: { success: true, store: to, moved },
      summary: `Moved ${count(moved, 'secret')} to the secret store "${to}".`,
    };
  },
});
