import { ChannelctlError } from '../../shared/errors.ts';

/** An error for a token of another object at Meta. Such a token must not be used or stored. */
export class WrongOwnerError extends ChannelctlError {
  constructor(message: string, hint: string) {
    super('not_allowed', message, { hint });
  }
}
