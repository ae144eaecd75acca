import type { Passphrase } from '../../secrets/passphrase-source.ts';
import { usageError } from '../../shared/errors.ts';
import { defineCommand } from '../shared/command.ts';
import type { CommandContext } from '../shared/command-context.ts';

export const remember = defineCommand({
  name: 'remember',
  summary: "Store the passphrase in this machine's keychain",
  role: 'admin',
  examples: [
    { line: 'secrets remember', about: 'Type the passphrase or the key in a terminal' },
    {
      line: 'secrets remember --profile shop',
      about: 'Store the passphrase of another profile',
    },
  ],
  notes:
    'Reads the passphrase or key from CHANNELCTL_PASSPHRASE, CHANNELCTL_PASSPHRASE_FILE or CHANNELCTL_PASSPHRASE_COMMAND, or asks for it. If the profile has a secrets file or shared state, the passphrase must open it. Commands that need the passphrase then read it from the keychain, unless one of these variables is set. An earlier one is replaced. Each profile in each configuration folder has its own. To delete it, run: channelctl secrets forget',
  result: { fields: ['success'] },
  async run(_options, context) {
    const { profile } = context;
    const { original, value } = await checkedPassphrase(context);
    await (await context.rememberedPassphrase(profile.name)).store(original ?? value);
    return {
      data: { success: true },
      summary: `Stored the passphrase of the profile ${profile.name} in the keychain.`,
    };
  },
});

/**
 * Returns the passphrase that the user gives, or that has opened the shared state.
 *
 * @throws ChannelctlError `usage` if there is none, `storage` if it does not open the secrets file
 */
async function checkedPassphrase(context: CommandContext): Promise<Passphrase> {
  const { env, signal, terminal, profile, sharedPassphrase, warn } = context;
  if (sharedPassphrase !== null) {
    return sharedPassphrase((await profile.exists()) ? 'open' : 'create');
  }
  const [{ askPassphrase, givenPassphrase }, { openFileStore }, { fileExists }] = await Promise.all(
    [
      import('../../secrets/passphrase-source.ts'),
      import('../../secrets/file.ts'),
      import('../../profile/paths.ts'),
    ],
  );
  const ask = (question: string) => terminal.askText(question, { secret: true });
  const lendTerminal = terminal.interactive ? terminal.lend : null;
  const purpose = (await fileExists(profile.secretsFile)) ? 'open' : 'create';
  const passphrase =
    (await givenPassphrase({ env, signal, lendTerminal })) ??
    (terminal.interactive ? await askPassphrase(ask, purpose) : null);
  if (passphrase === null) throw missing();
  const file = openFileStore({
    path: profile.secretsFile,
    passphrase: async () => passphrase,
    warn,
  });
  await file.list?.();
  return passphrase;
}

function missing() {
  return usageError('The passphrase is missing.', {
    hint: 'Set CHANNELCTL_PASSPHRASE, CHANNELCTL_PASSPHRASE_FILE or CHANNELCTL_PASSPHRASE_COMMAND, or run the command in a terminal.',
  });
}
