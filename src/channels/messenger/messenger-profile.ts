import type { Credentials, Graph } from '../../graph/graph.ts';
import type { AnswerOf } from '../../graph/operations/index.ts';

type Answer = AnswerOf<'getMessengerProfile'>['data'][number];

/** The Messenger profile of a Page; null where something is not set. */
export interface MessengerProfile {
  persistent_menu: NonNullable<Answer['persistent_menu']> | null;
  get_started: NonNullable<Answer['get_started']> | null;
}

/** Reads the menu and the Get Started button of the Page whose token it is. */
export async function messengerProfile(
  graph: Graph,
  credentials: Credentials,
): Promise<MessengerProfile> {
  const fields = 'persistent_menu,get_started';
  const { data } = await graph.call('getMessengerProfile', { fields }, credentials);
  const [{ persistent_menu = [], get_started = null } = {}] = data;
  return { persistent_menu: persistent_menu.length === 0 ? null : persistent_menu, get_started };
}
