import { ChannelctlError } from '../shared/errors.ts';

/** The error for a secret that the state knows of and its store no longer has. */
export function lostSecret(what: string, mend: string): ChannelctlError {
  return new ChannelctlError('not_allowed', `${what} is gone.`, {
    reason: 'It was stored once, and is no longer where it was kept.',
    hint: `Store it again: ${mend}`,
  });
}
