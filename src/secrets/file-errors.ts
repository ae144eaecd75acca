import { type ChannelctlError, storageError } from '../shared/errors.ts';
import type { Passphrase } from './passphrase-source.ts';

const UNCHANGED = 'The file was not changed.';

export function missingPassphrase(path: string): ChannelctlError {
  return storageError(`The secrets file ${path} requires a passphrase.`, {
    reason: 'CHANNELCTL_PASSPHRASE is not set, and no passphrase is remembered.',
    hint: 'Set CHANNELCTL_PASSPHRASE, CHANNELCTL_PASSPHRASE_FILE or CHANNELCTL_PASSPHRASE_COMMAND, run the command in a terminal to type the passphrase, store it with channelctl secrets remember, or set CHANNELCTL_SECRETS to keychain or env.',
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

/** Returns where a passphrase is from, such as `from CHANNELCTL_PASSPHRASE` or `typed`. */
export function originOf({ variable, isRemembered }: Passphrase): string {
  if (isRemembered === true) return "from this machine's keychain";
  return variable === null ? 'typed' : `from ${variable}`;
}

export function wrongPassphrase(path: string, passphrase: Passphrase): ChannelctlError {
  const { variable, isRemembered } = passphrase;
  const source = isRemembered === true ? originOf(passphrase) : variable;
  const next =
    isRemembered === true
      ? 'Run channelctl secrets forget, then the command again with the right passphrase'
      : variable === null
        ? 'Run the command again'
        : `Correct ${variable}`;
  return storageError(`The secrets file ${path} cannot be opened.`, {
    reason: `Wrong passphrase${source === null ? '' : ` (${source})`}.`,
    hint: `${next}. If the passphrase is lost, move the file aside and store the secrets again.`,
  });
}

export function tamperedFile(path: string): ChannelctlError {
  return storageError(`The secrets file ${path} has been tampered with.`, {
    reason: 'The passphrase is correct, but the content cannot be authenticated.',
    hint: `Restore the file from a trusted backup, or move it aside and store the secrets again. ${UNCHANGED}`,
  });
}
