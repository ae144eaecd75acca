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

/** Returns the origin of a passphrase, such as `CHANNELCTL_PASSPHRASE` or `the prompt`. */
export function originOf({ variable, isRemembered }: Passphrase): string {
  return isRemembered === true ? "this machine's keychain" : (variable ?? 'the prompt');
}

/** Returns the reason and the next step, without its period, of an error about a passphrase. */
export function wrongPassphraseTexts(passphrase: Passphrase): { reason: string; next: string } {
  const { variable, isRemembered } = passphrase;
  const isTyped = variable === null && isRemembered !== true;
  const next =
    isRemembered === true
      ? 'Run channelctl secrets forget, then the command again with the right passphrase'
      : 'Run the command again';
  return {
    reason: isTyped ? 'Wrong passphrase.' : `Wrong passphrase (${originOf(passphrase)}).`,
    next: variable === null ? next : `Correct ${variable}`,
  };
}

export function wrongPassphrase(path: string, passphrase: Passphrase): ChannelctlError {
  const { reason, next } = wrongPassphraseTexts(passphrase);
  return storageError(`The secrets file ${path} cannot be opened.`, {
    reason,
    hint: `${next}. If the passphrase is lost, move the file aside and store the secrets again.`,
  });
}

export function tamperedFile(path: string): ChannelctlError {
  return storageError(`The secrets file ${path} has been tampered with.`, {
    reason: 'The passphrase is correct, but the content cannot be authenticated.',
    hint: `Restore the file from a trusted backup, or move it aside and store the secrets again. ${UNCHANGED}`,
  });
}
