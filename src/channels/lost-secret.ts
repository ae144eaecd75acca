import { ChannelctlError } from '../shared/errors.ts';

/** The error for a secret that no variable holds while `CHANNELCTL_SECRETS=env`. */
export function unsetSecret(what: string, variables: readonly string[]): ChannelctlError {
  return new ChannelctlError('not_allowed', `${what} can't be read.`, {
    reason: 'CHANNELCTL_SECRETS=env reads variables alone, and none holds it.',
    hint: `Set ${variables.join(', ')}, or CHANNELCTL_SECRETS to the store that keeps it.`,
  });
}

/** The error for a secret that the state knows of and its store no longer has. */
export function lostSecret(what: string, mend: string): ChannelctlError {
  return new ChannelctlError('not_allowed', `${what} is gone.`, {
    reason: 'It was stored once, and is no longer where it was kept.',
    hint: `Store it again: ${mend}`,
  });
}
