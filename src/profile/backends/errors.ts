import { ChannelctlError, type ErrorParts, storageError } from '../../shared/errors.ts';

/** The server cannot be reached, so it is unknown what it stores. */
export class UnreachableError extends ChannelctlError {
  constructor(location: string, parts: ErrorParts) {
    super('storage', `The state in ${location} cannot be reached.`, { ...parts, isOutage: true });
  }
}

export function refused(location: string, parts: ErrorParts): ChannelctlError {
  return storageError(`The server of ${location} refused the request.`, parts);
}

export function notInitialized(location: string): ChannelctlError {
  return storageError(`${location} has not been prepared for channelctl.`, {
    hint: 'Run: channelctl state init',
  });
}

export function newerTables(location: string): ChannelctlError {
  return storageError(`${location} was prepared by a newer version of channelctl.`, {
    hint: 'Upgrade channelctl. Nothing was changed.',
  });
}
