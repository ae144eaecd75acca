import { defineCommand } from '../shared/command.ts';

export const generateKey = defineCommand({
  name: 'generate-key',
  summary: 'Generate a key to use as the passphrase',
  role: 'none',
  examples: [
    { line: 'secrets generate-key', about: 'Print a new key' },
    {
      line: 'secrets generate-key | gh secret set CHANNELCTL_PASSPHRASE',
      about: 'Store a new key as a secret of a GitHub repository, without showing it',
    },
  ],
  notes:
    'Prints one key and stores nothing. Use the key as CHANNELCTL_PASSPHRASE, or in the file of CHANNELCTL_PASSPHRASE_FILE. It cannot be guessed, so a command that opens the secrets file starts about 0.25 s sooner than with a passphrase. A lost key cannot be recovered: keep it in a password manager.',
  result: { fields: ['key'] },
  async run(_options, { randomBytes }) {
    const { formatKey } = await import('../../secrets/generated-key.ts');
    const key = formatKey(randomBytes(32));
    return { data: { key }, summary: key };
  },
});
