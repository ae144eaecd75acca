import type { Credentials, Graph } from '../../graph/graph.ts';
import type { AnswerOf } from '../../graph/operations/index.ts';
import { ChannelctlError } from '../../shared/errors.ts';

/**
 * Returns a Page's own access token.
 *
 * @throws ChannelctlError `graph` if Meta returns none
 */
export async function readPageToken(
  graph: Graph,
  pageId: string,
  user: Credentials,
): Promise<string> {
  const { access_token } = await graph.call(
    'getPageToken',
    { page_id: pageId, fields: 'name,access_token' },
    user,
  );
  if (access_token) return access_token;
  throw new ChannelctlError('graph', 'Meta returned no access token for this Page.', {
    hint: 'Grant access to the Page when you sign in: channelctl messenger connect',
  });
}

/**
 * Subscribes the app of the token to a Page's webhooks. The call can be repeated safely.
 *
 * @throws ChannelctlError if the call fails or Meta returns `success: false`
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

type Answer = AnswerOf<'getMessengerProfile'>['data'][number];

/** The Messenger profile of a Page. A menu or Get Started button that is not set is null. */
export interface MessengerProfile {
  persistent_menu: NonNullable<Answer['persistent_menu']> | null;
  get_started: NonNullable<Answer['get_started']> | null;
  whitelisted_domains: readonly string[];
}

export async function readMessengerProfile(
  graph: Graph,
  credentials: Credentials,
): Promise<MessengerProfile> {
  const fields = 'persistent_menu,get_started,whitelisted_domains';
  const { data } = await graph.call('getMessengerProfile', { fields }, credentials);
  const [{ persistent_menu = [], get_started = null, whitelisted_domains } = {}] = data;
  return {
    persistent_menu: persistent_menu.length === 0 ? null : persistent_menu,
    get_started,
    whitelisted_domains: whitelisted_domains ?? [],
  };
}
