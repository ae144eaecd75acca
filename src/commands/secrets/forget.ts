import { defineCommand } from '../shared/command.ts';

export const forget = defineCommand({
  name: 'forget',
  summary: "Delete the passphrase from this machine's keychain",
  role: 'admin',
  missingProfile: 'allowed',
  // A remembered passphrase that is wrong, which this command deletes, opens no shared state.
  state: 'machine',
  examples: [
    { line: 'secrets forget', about: 'Delete the passphrase that secrets remember has stored' },
    {
      line: 'secrets forget --profile shop',
      about: 'Delete that of another profile, even if the profile no longer exists',
    },
  ],
  notes:
    'The secrets file and its passphrase are not changed. Succeeds if no passphrase is stored. profiles delete does the same.',
  result: { fields: ['success'] },
  async run(_options, { profile, rememberedPassphrase }) {
    const wasStored = await (await rememberedPassphrase(profile.name)).forget();
    return {
      data: { success: true },
      summary: wasStored
        ? `Deleted the passphrase of the profile ${profile.name} from the keychain.`
        : `The keychain contains no passphrase of the profile ${profile.name}.`,
    };
  },
});
