import { ChannelctlError, usageError } from '../../shared/errors.ts';
import { defineCommand } from '../shared/command.ts';
import type { CommandContext } from '../shared/command-context.ts';

export const passphrase = defineCommand({
  name: 'passphrase',
  summary: 'Change the passphrase of the secrets file',
  role: 'admin',
  examples: [
    { line: 'secrets passphrase', about: 'Type the new passphrase in a terminal' },
    {
      line: 'secrets passphrase --no-input',
      about: 'Read it from CHANNELCTL_NEW_PASSPHRASE or CHANNELCTL_NEW_PASSPHRASE_FILE',
    },
  ],
  notes:
    'The current passphrase is read as in other commands: see channelctl help secrets. Without a terminal, set CHANNELCTL_NEW_PASSPHRASE, or CHANNELCTL_NEW_PASSPHRASE_FILE to the path of a file. A passphrase that secrets remember has stored is replaced. If the command is interrupted, either the old or the new passphrase opens the file. A lost passphrase cannot be recovered.',
  result: { fields: ['success'] },
  async run(_options, context) {
    let next = '';
    await context.profile.changePassphrase(async () => {
      next = await newPassphrase(context);
      return next;
    });
    const isUpdated = await updateRemembered(next, context);
    warnOfOldPassphrase(next, context);
    return {
      data: { success: true },
      summary: `Changed the passphrase of the secrets file${isUpdated ? ' and in the keychain' : ''}.`,
    };
  },
});

async function newPassphrase({ env, terminal }: CommandContext): Promise<string> {
  const { askNewPassphrase, readPassphrase } = await import('../../secrets/passphrase-source.ts');
  const given = await readPassphrase('CHANNELCTL_NEW_PASSPHRASE', env);
  if (given !== null) return given.value;
  if (!terminal.interactive) {
    throw usageError('The new passphrase is missing.', {
      hint: 'Set CHANNELCTL_NEW_PASSPHRASE or CHANNELCTL_NEW_PASSPHRASE_FILE, or run the command in a terminal.',
    });
  }
  const ask = (question: string) => terminal.askText(question, { secret: true });
  return (await askNewPassphrase(ask)).value;
}

/** Returns whether the keychain contained the old passphrase and now contains the new one. */
async function updateRemembered(next: string, context: CommandContext): Promise<boolean> {
  const remembered = await context.rememberedPassphrase(context.profile.name);
  try {
    if ((await remembered.read()) === null) return false;
    await remembered.store(next);
    return true;
  } catch (error) {
    if (!(error instanceof ChannelctlError)) throw error;
    context.warn(
      `The passphrase was changed, but not in the keychain. ${error.reason}`,
      'If the keychain contains the old passphrase, unlock it and run: channelctl secrets remember',
    );
    return false;
  }
}

function warnOfOldPassphrase(next: string, { env, warn }: CommandContext): void {
  if (env.CHANNELCTL_PASSPHRASE && env.CHANNELCTL_PASSPHRASE !== next) {
    warn(
      'CHANNELCTL_PASSPHRASE contains the old passphrase.',
      'Set it to the new passphrase before the next command.',
    );
  } else if (env.CHANNELCTL_PASSPHRASE_FILE) {
    warn(
      `The file ${env.CHANNELCTL_PASSPHRASE_FILE} contains the old passphrase.`,
      'Write the new passphrase to it before the next command.',
    );
  } else if (env.CHANNELCTL_PASSPHRASE_COMMAND) {
    warn(
      'CHANNELCTL_PASSPHRASE_COMMAND returned the old passphrase.',
      'Store the new passphrase in the place that it reads before the next command.',
    );
  }
}
