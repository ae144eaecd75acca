import { type ChannelctlError, storageError } from '../../../shared/errors.ts';
import type { S3Address } from '../address.ts';
import { refused, UnreachableError } from '../errors.ts';

interface ErrorResponse {
  status: number;
  /** The code in the response, such as `AccessDenied`; empty if there is none. */
  code: string;
  message: string;
}

const EXPIRED = ['ExpiredToken', 'TokenRefreshRequired', 'RequestExpired'];

/** Converts an error response of S3; see "Error responses" in its API reference. */
export function s3Error(
  { bucket, location }: S3Address,
  { status, code, message }: ErrorResponse,
): ChannelctlError {
  const reason = `HTTP ${status}${code === '' ? '' : ` ${code}`}${message === '' ? '' : `: ${message}`}`;
  if (code === 'NoSuchBucket') {
    return storageError(`The bucket ${bucket} does not exist.`, {
      hint: 'Create the bucket, or correct the address.',
    });
  }
  if (code === 'RequestTimeTooSkewed') {
    return refused(location, { reason, hint: 'Set the clock of this machine.' });
  }
  if (EXPIRED.includes(code)) {
    return refused(location, { reason, hint: 'The credentials have expired. Renew them.' });
  }
  if (status === 301 || code === 'AuthorizationHeaderMalformed') {
    return refused(location, {
      reason,
      hint: 'The bucket is in another region. Set AWS_REGION, or add region=… to the address.',
    });
  }
  if (status >= 500 || code === 'SlowDown') {
    return new UnreachableError(location, { reason, hint: 'Run the command again later.' });
  }
  return refused(location, {
    reason,
    hint: 'Check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, and the permissions for the bucket.',
  });
}
