import { ChannelctlError } from '../shared/errors.ts';

/** The error for secrets that no variable holds while `CHANNELCTL_SECRETS=env`. */
export function unsetSecret(what: string, variables: string): ChannelctlError {
  return new ChannelctlError('not_allowed', `${what} can't be read.`, {
    reason: 'CHANNELCTL_SECRETS=env reads variables alone, and none holds it.',
    hint: `Set ${variables}, or CHANNELCTL_SECRETS to the store that keeps it.`,
  });
}

/**
 * The error for a secret that no variable holds, and that its store does not have, or has no more.
 *
 * @param variable the one that could hold it
 */
export function lostSecret(what: string, variable: string, mend: string): ChannelctlError {
  return new ChannelctlError('not_allowed', `${what} is gone.`, {
    reason: `It is not where secrets are kept, and ${variable} is not set.`,
    hint: `Store it again, or set the variable: ${mend}`,
  });
}
