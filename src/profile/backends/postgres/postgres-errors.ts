import { ChannelctlError, storageError, systemCode } from '../../../shared/errors.ts';
import { notInitialized, refused, UnreachableError } from '../errors.ts';

/** Codes of PostgreSQL, appendix A: the server is starting, stopping, or has too many connections. */
const UNAVAILABLE = /^(?:08|57P0|53300)/;
const SIGN_IN_REFUSED = /^28/;
const TABLE_MISSING = ['42P01', '3F000'];
const DATABASE_MISSING = '3D000';
const NOT_PERMITTED = '42501';

/**
 * Converts an error of pg. Only the code and the message are used, because the other fields can
 * contain the document.
 */
export function postgresError(location: string, error: unknown): ChannelctlError {
  if (error instanceof ChannelctlError) return error;
  const code = systemCode(error) ?? '';
  const message = error instanceof Error ? error.message : String(error);
  const reason = `${message.replace(/\.$/, '')}${/^\w{5}$/.test(code) ? ` (${code})` : ''}.`;
  if (TABLE_MISSING.includes(code)) return notInitialized(location);
  if (SIGN_IN_REFUSED.test(code)) {
    return refused(location, {
      reason,
      hint: 'Check the user name in the address or PGUSER, and the password in PGPASSWORD or PGPASSFILE.',
    });
  }
  if (code === DATABASE_MISSING) {
    return storageError(`The database of ${location} does not exist.`, {
      reason,
      hint: 'Create the database, or correct the address.',
    });
  }
  if (code === NOT_PERMITTED) {
    return refused(location, {
      reason,
      hint: 'Ask the owner of the database for the privileges that channelctl state init --print-sql lists.',
    });
  }
  if (UNAVAILABLE.test(code) || !/^[0-9A-Z]{5}$/.test(code)) {
    return new UnreachableError(location, {
      reason,
      hint: 'Check the address, the network and the server, then run the command again.',
    });
  }
  return refused(location, { reason });
}
