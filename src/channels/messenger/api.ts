import type { Credentials, Graph } from '../../graph/graph.ts';
import { ChannelctlError } from '../../shared/errors.ts';

/**
 * A Page's own access token.
 *
 * @throws ChannelctlError of kind `graph` if Meta returns none
 */
export async function pageToken(graph: Graph, pageId: string, user: Credentials): Promise<string> {
  const { access_token } = await graph.call(
    'getPageToken',
    { page_id: pageId, fields: 'name,access_token' },
    user,
  );
  if (access_token) return access_token;
  throw new ChannelctlError('graph', "Could not get the Page's access token.", {
    reason: 'Meta gave no access token for this Page.',
    hint: 'Grant access to it when signing in: channelctl messenger connect',
  });
}

/**
 * Subscribes the app of the token to a Page's webhooks. It can be repeated.
 *
 * @throws ChannelctlError of kind `graph` also if Meta answers that it did not succeed
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
