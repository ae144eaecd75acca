import { isDeadToken } from '../../graph/errors/errors.ts';
import type { Credentials, Graph } from '../../graph/graph.ts';
import { ChannelctlError } from '../../shared/errors.ts';

/** Meta takes the person's token no more, so that none of the Pages can be connected with it. */
export class UserTokenLost extends ChannelctlError {}

/**
 * A Page's own access token.
 *
 * @throws ChannelctlError of kind `graph` where Meta gives none; UserTokenLost where the fault is
 *   that of the person's token
 */
export async function pageToken(
  graph: Graph,
  pageId: string,
  person: Credentials,
): Promise<string> {
  const { access_token } = await graph
    .call('getPageToken', { page_id: pageId, fields: 'name,access_token' }, person)
    .catch((error: unknown) => {
      if (!(error instanceof ChannelctlError) || !isDeadToken(error.graph)) throw error;
      throw new UserTokenLost(error.kind, error.message, error);
    });
  if (access_token) return access_token;
  throw new ChannelctlError('graph', "Could not get the Page's access token.", {
    reason: 'Meta gave no access token for this Page.',
    hint: 'Grant access to it when signing in: channelctl messenger connect',
  });
}

/**
 * Subscribes a Page to webhooks, in the name of the app whose token it is. Doing it again does no
 * harm.
 *
 * @throws ChannelctlError of kind `graph` also where Meta answers that it did not succeed
 */
export async function subscribePage(
  graph: Graph,
  pageId: string,
  fields: readonly string[],
  credentials: Credentials,
): Promise<void> {
  await graph.call(
    'subscribePage',
    { page_id: pageId, subscribed_fields: fields.join(',') },
    credentials,
  );
}
