import { type ChannelctlError, storageError } from '../shared/errors.ts';

const UNTOUCHED = 'It was left as it is:';

export function noPassphrase(path: string): ChannelctlError {
  return storageError(
    `The secrets in ${path} can't be used.`,
    'CHANNELCTL_PASSPHRASE is not set, and the file is encrypted with it.',
    'Set CHANNELCTL_PASSPHRASE, or set CHANNELCTL_SECRETS to keychain or env.',
  );
}

export function brokenFile(path: string, reason: string): ChannelctlError {
  return storageError(
    `The secrets file ${path} is broken.`,
    reason,
    `${UNTOUCHED} restore a copy, or move it aside and store the secrets again.`,
  );
}

export function newerFile(path: string, version: number, known: number): ChannelctlError {
  return storageError(
    `The secrets file ${path} is from a newer channelctl.`,
    `It has version ${version}; this program knows versions up to ${known}.`,
    `${UNTOUCHED} upgrade channelctl.`,
  );
}

export function damagedFile(path: string): ChannelctlError {
  return storageError(
    `The secrets file ${path} is damaged or was tampered with.`,
    'Its content does not fit its checksum.',
    `${UNTOUCHED} restore a copy, or move it aside and store the secrets again.`,
  );
}

export function wrongPassphrase(path: string): ChannelctlError {
  return storageError(
    `The secrets file ${path} can't be opened.`,
    'CHANNELCTL_PASSPHRASE is not the passphrase that it was encrypted with: wrong passphrase.',
    'Set CHANNELCTL_PASSPHRASE to the right one; if it is lost, move the file aside and store the secrets again.',
  );
}

export function tamperedFile(path: string): ChannelctlError {
  return storageError(
    `The secrets file ${path} was tampered with.`,
    'The passphrase is right, but the content is not what was encrypted with it.',
    `${UNTOUCHED} restore a copy you trust, or move it aside and store the secrets again.`,
  );
}
