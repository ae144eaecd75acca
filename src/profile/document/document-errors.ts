import { wrongPassphraseTexts } from '../../secrets/file-errors.ts';
import type { Passphrase } from '../../secrets/passphrase-source.ts';
import { type ChannelctlError, storageError } from '../../shared/errors.ts';

const RESTORE = 'Restore a backup of the server. Nothing was changed.';

export function corruptDocument(location: string, reason: string): ChannelctlError {
  return storageError(`The state in ${location} is corrupt.`, { reason, hint: RESTORE });
}

export function newerDocument(location: string, format: number, known: number): ChannelctlError {
  return storageError(`The state in ${location} was written by a newer version of channelctl.`, {
    reason: `It uses format ${format}; this version of channelctl supports up to format ${known}.`,
    hint: 'Upgrade channelctl. Nothing was changed.',
  });
}

export function tamperedDocument(location: string): ChannelctlError {
  return storageError(`The state in ${location} is damaged or has been tampered with.`, {
    reason: 'The passphrase is correct, but the content cannot be authenticated.',
    hint: RESTORE,
  });
}

export function wrongKey(location: string, passphrase: Passphrase): ChannelctlError {
  const { reason, next } = wrongPassphraseTexts(passphrase);
  return storageError(`The state in ${location} cannot be opened.`, {
    reason,
    hint: `${next}. Nothing was changed.`,
  });
}

export function missingKey(location: string): ChannelctlError {
  return storageError(`The state in ${location} requires a passphrase.`, {
    reason: 'None of the variables for it is set.',
    hint: 'Set CHANNELCTL_PASSPHRASE, CHANNELCTL_PASSPHRASE_FILE or CHANNELCTL_PASSPHRASE_COMMAND, or run the command in a terminal to type the passphrase.',
  });
}
