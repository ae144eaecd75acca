import { usageError } from '../shared/errors.ts';

const MIN_LENGTH = 12;

export const SHORT_PASSPHRASE = {
  message: `The passphrase of the secrets file has fewer than ${MIN_LENGTH} characters.`,
  hint: 'Anyone who can copy the file could guess it. Choose a longer one: channelctl secrets passphrase',
};

export function isShortPassphrase(passphrase: string): boolean {
  return [...passphrase.normalize('NFC')].length < MIN_LENGTH;
}

export type Variables = Readonly<Record<string, string | undefined>>;
export type PassphraseVariable = 'CHANNELCTL_PASSPHRASE' | 'CHANNELCTL_NEW_PASSPHRASE';

/** @throws ChannelctlError `usage` if more than one of the variables for a passphrase is set */
export function checkPassphraseVariable(variable: PassphraseVariable, env: Variables): void {
  const names = ['', '_FILE', '_COMMAND'].map((suffix) => variable + suffix);
  const given = names.filter((name) => env[name]);
  if (given.length < 2) return;
  throw usageError(`${given.join(' and ')} cannot be used together.`, {
    hint: `Set only one of them.`,
  });
}
