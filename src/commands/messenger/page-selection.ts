import type { Command } from 'commander';
import {
  type Page,
  pageAccountKey,
  storePage,
  subscribePage,
  whyNotConnectable,
} from '../../channels/messenger/pages.ts';
import type { Credentials } from '../../graph/graph.ts';
import { mapLimited } from '../../shared/concurrency.ts';
import { ChannelctlError, type GraphFault, usageError } from '../../shared/errors.ts';
import { count } from '../../shared/text.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import type { Outcome } from '../command.ts';
import { collect } from '../config-options.ts';
import type { Deps } from '../deps.ts';

/** How many Pages are connected at a time. */
const AT_A_TIME = 5;

export interface SelectionOptions {
  page?: string[];
  allPages?: boolean;
}

/** Which Pages to connect: those with these ids, every one that can be, or those that the person picks. */
export type Selection = { ids: readonly string[] } | 'all' | 'ask';

/** What became of one Page. */
interface PageOutcome {
  id: string;
  name: string;
  account_key: string;
  connected: boolean;
  error: { message: string; hint: string; graph: GraphFault | null } | null;
}

export const PAGE_COLUMNS = ['id', 'name', 'account_key', 'connected', 'error.message'];

export function addSelectionOptions(command: Command): Command {
  return command
    .option('--page <id>', 'connect this Page; repeatable', collect)
    .option('--all-pages', 'connect every Page that can be connected');
}

/**
 * What to connect. It is settled before anybody signs in, for a code works only once.
 *
 * @throws ChannelctlError `usage` where options contradict each other, or nobody can be asked
 */
export function selectionOf(
  { page, allPages }: SelectionOptions,
  terminal: Terminal,
  listOnly: false,
): Selection;
export function selectionOf(
  { page, allPages }: SelectionOptions,
  terminal: Terminal,
  listOnly: boolean,
): Selection | 'list-only';
export function selectionOf(
  { page, allPages }: SelectionOptions,
  terminal: Terminal,
  listOnly: boolean,
): Selection | 'list-only' {
  const given = [
    page === undefined ? null : '--page',
    allPages === true ? '--all-pages' : null,
    listOnly ? '--list-only' : null,
  ].filter((flag) => flag !== null);
  if (given.length > 1) {
    throw usageError(
      `${given.join(' and ')} contradict each other.`,
      'Each says which Pages to connect.',
      'Keep one of them.',
    );
  }
  if (listOnly) return 'list-only';
  if (allPages === true) return 'all';
  if (page !== undefined) return { ids: [...new Set(page)] };
  if (terminal.interactive) return 'ask';
  throw usageError(
    'No Page was chosen.',
    'Without a terminal there is nobody to ask.',
    'Pass --page <id> for each Page, or --all-pages; messenger connect --list-only lists them.',
  );
}

/**
 * Connects the chosen Pages; what fails for one does not stop the others. Meta is asked side by
 * side, but the accounts are stored in the order of the choice: the first one may become the default.
 */
export async function connectPages(
  selection: Selection,
  pages: readonly Page[],
  person: Credentials,
  deps: Deps,
): Promise<Outcome> {
  const chosen = await choose(selection, pages, deps);
  const progress = deps.terminal.progress(`Connecting ${count(chosen.length, 'Page')}`);
  let done = 0;
  let last: Promise<unknown> = Promise.resolve();
  try {
    const outcomes = await mapLimited(chosen, AT_A_TIME, async (page) => {
      const connecting = connectPage(page, person, deps, last);
      last = Promise.allSettled([last, connecting]);
      const outcome = await connecting;
      done += 1;
      progress.update(`Connecting Pages: ${done} of ${chosen.length}`);
      return outcome;
    });
    return summarize(chosen, outcomes, selection);
  } finally {
    progress.stop();
  }
}

function summarize(
  pages: readonly Page[],
  outcomes: readonly PageOutcome[],
  selection: Selection,
): Outcome {
  const connected = new Set(outcomes.filter((outcome) => outcome.connected).map(({ id }) => id));
  // "Every Page that can be connected" leaves out the others: that is no failure.
  const wanted = pages.filter(
    (page) => selection !== 'all' || whyNotConnectable(page) === undefined,
  );
  const success = wanted.every(({ id }) => connected.has(id));
  return {
    data: { success, pages: outcomes },
    summary: `Connected ${connected.size} of ${count(pages.length, 'Page')}.`,
    ...(success ? {} : { kind: 'graph' }),
  };
}

async function choose(
  selection: Selection,
  pages: readonly Page[],
  deps: Deps,
): Promise<readonly Page[]> {
  if (selection === 'all') return pages;
  if (selection === 'ask') return ask(pages, deps);
  const found = new Map(pages.map((page) => [page.id, page]));
  const missing = selection.ids.filter((id) => !found.has(id));
  if (missing.length === 0) {
    return selection.ids.flatMap((id) => found.get(id) ?? []);
  }
  throw new ChannelctlError('not_found', `There is no Page ${missing.join(', ')} to connect.`, {
    reason: `It is not among the ${count(pages.length, 'Page')} of the person who signed in.`,
    hint: 'Run channelctl messenger connect --list-only, and grant access to the Page when signing in.',
  });
}

async function ask(pages: readonly Page[], { terminal }: Deps): Promise<readonly Page[]> {
  if (pages.length === 0) {
    throw new ChannelctlError('not_found', 'There is no Page to connect.', {
      reason: 'The person who signed in has no Page, or granted access to none.',
      hint: 'Sign in again and grant access to the Pages: channelctl messenger connect',
    });
  }
  const ids = await terminal.chooseMany(
    'Which Pages do you want to connect?',
    pages.map((page) => {
      const reason = whyNotConnectable(page);
      const notes = [page.connected ? 'connected already' : null, page.id, page.category];
      return {
        value: page.id,
        label: page.name,
        note: notes.filter((note) => note !== null).join(' · '),
        ...(reason !== undefined && { disabled: reason }),
      };
    }),
  );
  return pages.filter(({ id }) => ids.includes(id));
}

const TASK_HINT = 'Ask an admin of the Page for one of these tasks, then sign in again.';

/** @param turn resolves when it is this Page's turn to be stored */
async function connectPage(
  page: Page,
  person: Credentials,
  deps: Deps,
  turn: Promise<unknown>,
): Promise<PageOutcome> {
  const known = { id: page.id, name: page.name, account_key: pageAccountKey(page.id) };
  const obstacle = whyNotConnectable(page);
  if (obstacle !== undefined) {
    const message = `The Page can't be connected: ${obstacle}.`;
    return { ...known, connected: false, error: { message, hint: TASK_HINT, graph: null } };
  }
  try {
    const { accessToken } = await subscribePage(await deps.graph(), page, person);
    const divisionId = deps.settings.value('division_id');
    await turn;
    await deps.profile.change((draft, secrets) => {
      storePage(draft, secrets, page, accessToken, { ...deps, divisionId });
    });
    return { ...known, connected: true, error: null };
  } catch (error) {
    if (!isOfThisPage(error)) throw error;
    const message = `${error.message} ${error.reason}`;
    return { ...known, connected: false, error: { message, hint: error.hint, graph: error.graph } };
  }
}

/** What Meta refuses for one Page says nothing of the others; a full disk does. */
function isOfThisPage(error: unknown): error is ChannelctlError {
  return error instanceof ChannelctlError && ['graph', 'not_allowed'].includes(error.kind);
}
