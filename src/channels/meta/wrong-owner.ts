import { ChannelctlError } from '../../shared/errors.ts';

/** A token belongs to an object at Meta other than the account. It must not be used or stored. */
export class WrongOwnerError extends ChannelctlError {
  constructor(message: string, hint: string) {
    super('not_allowed', message, { hint });
  }
}
