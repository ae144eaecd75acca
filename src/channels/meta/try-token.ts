import { isMissingObject } from '../../graph/operations/error-codes.ts';
import { ChannelctlError } from '../../shared/errors.ts';
import type { RemoteAccount, RemoteApi } from './remote.ts';

/**
 * Tries a new token before it replaces one that may still work.
 *
 * @param account the account with the new token as its credentials
 * @throws ChannelctlError `not_allowed` if Meta rejects the token or it is not valid for the
 *   account, or another kind, such as `graph`, if the token could not be verified
 */
export async function tryToken(api: RemoteApi, account: RemoteAccount): Promise<void> {
  try {
    await (api.tryToken === undefined ? api.read(account) : api.tryToken(account));
  } catch (error) {
    if (!(error instanceof ChannelctlError) || error.kind === 'cancelled') throw error;
    throw notStored(error);
  }
}

function notStored(error: ChannelctlError): ChannelctlError {
  const { kind, description, hint, graph, cause } = error;
  const parts = { reason: description, hint, graph, cause };
  // A token that cannot access the account belongs to another account.
  const isMissing = graph !== null && isMissingObject(graph.code, graph.subcode);
  if (kind !== 'not_allowed' && !isMissing) {
    return new ChannelctlError(
      kind,
      'Could not verify the new token, so it was not stored.',
      parts,
    );
  }
  const message = 'The new token is not valid for this account, so it was not stored.';
  return new ChannelctlError('not_allowed', message, parts);
}
