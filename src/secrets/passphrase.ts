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

/** @throws ChannelctlError `usage` if both the variable and its `_FILE` variant are set */
export function checkPassphraseVariable(variable: PassphraseVariable, env: Variables): void {
  if (!env[variable] || !env[`${variable}_FILE`]) return;
  throw usageError(`${variable} and ${variable}_FILE cannot be used together.`, {
    hint: 'Unset one of them.',
  });
}
