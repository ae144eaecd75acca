import { type ChannelctlError, storageError } from '../shared/errors.ts';

const UNCHANGED = 'It was left as it is:';

export function missingPassphrase(path: string): ChannelctlError {
  return storageError(`The secrets in ${path} can't be used.`, {
    reason: 'CHANNELCTL_PASSPHRASE is not set, and the file is encrypted with it.',
    hint: 'Set CHANNELCTL_PASSPHRASE, or set CHANNELCTL_SECRETS to keychain or env.',
  });
}

export function corruptFile(path: string, reason: string): ChannelctlError {
  return storageError(`The secrets file ${path} is broken.`, {
    reason,
    hint: `${UNCHANGED} restore a copy, or move it aside and store the secrets again.`,
  });
}

export function newerFile(path: string, version: number, known: number): ChannelctlError {
  return storageError(`The secrets file ${path} is from a newer channelctl.`, {
    reason: `It has version ${version}; this program knows versions up to ${known}.`,
    hint: `${UNCHANGED} upgrade channelctl.`,
  });
}

export function damagedFile(path: string): ChannelctlError {
  return storageError(`The secrets file ${path} is damaged or was tampered with.`, {
    reason: 'Its content does not match its checksum.',
    hint: `${UNCHANGED} restore a copy, or move it aside and store the secrets again.`,
  });
}

export function wrongPassphrase(path: string): ChannelctlError {
  return storageError(`The secrets file ${path} can't be opened.`, {
    reason: 'Wrong passphrase (CHANNELCTL_PASSPHRASE).',
    hint: 'Set CHANNELCTL_PASSPHRASE to the correct one; if it is lost, move the file aside and store the secrets again.',
  });
}

export function tamperedFile(path: string): ChannelctlError {
  return storageError(`The secrets file ${path} was tampered with.`, {
    reason: 'The passphrase is correct, but the content is not what was encrypted with it.',
    hint: `${UNCHANGED} restore a copy you trust, or move it aside and store the secrets again.`,
  });
}
