import { type ChannelctlError, storageError } from '../shared/errors.ts';

const UNCHANGED = 'The file was not changed.';

export function missingPassphrase(path: string): ChannelctlError {
  return storageError(`The secrets file ${path} requires a passphrase.`, {
    reason: 'CHANNELCTL_PASSPHRASE is not set.',
    hint: 'Set CHANNELCTL_PASSPHRASE or CHANNELCTL_PASSPHRASE_FILE, run the command in a terminal to type the passphrase, or set CHANNELCTL_SECRETS to keychain or env.',
  });
}

export function corruptFile(path: string, reason: string): ChannelctlError {
  return storageError(`The secrets file ${path} is corrupt.`, {
    reason,
    hint: `Restore the file from a backup, or move it aside and store the secrets again. ${UNCHANGED}`,
  });
}

export function newerFile(path: string, version: number, known: number): ChannelctlError {
  return storageError(`The secrets file ${path} was written by a newer version of channelctl.`, {
    reason: `It uses format version ${version}; this version of channelctl supports up to version ${known}.`,
    hint: `Upgrade channelctl. ${UNCHANGED}`,
  });
}

export function damagedFile(path: string): ChannelctlError {
  return storageError(`The secrets file ${path} is damaged or has been tampered with.`, {
    reason: 'Its content does not match its checksum.',
    hint: `Restore the file from a backup, or move it aside and store the secrets again. ${UNCHANGED}`,
  });
}

/** @param variable the variable that the passphrase is from; null if it was typed */
export function wrongPassphrase(path: string, variable: string | null): ChannelctlError {
  const next = variable === null ? 'Run the command again' : `Correct ${variable}`;
  return storageError(`The secrets file ${path} cannot be opened.`, {
    reason: `Wrong passphrase${variable === null ? '' : ` (${variable})`}.`,
    hint: `${next}. If the passphrase is lost, move the file aside and store the secrets again.`,
  });
}

export function tamperedFile(path: string): ChannelctlError {
  return storageError(`The secrets file ${path} has been tampered with.`, {
    reason: 'The passphrase is correct, but the content cannot be authenticated.',
    hint: `Restore the file from a trusted backup, or move it aside and store the secrets again. ${UNCHANGED}`,
  });
}
