import { ChannelctlError } from '../../shared/errors.ts';

/** A token belongs to another object at Meta than the account, so it must not be used or stored. */
export class WrongOwnerError extends ChannelctlError {
  constructor(message: string, hint: string) {
    super('not_allowed', message, { hint });
  }
}
