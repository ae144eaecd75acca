import { pageToken, subscribePage, UserTokenLost } from '../../channels/messenger/api.ts';
import {
  type Page,
  pageAccountKey,
  storePage,
  whyNotConnectable,
} from '../../channels/messenger/pages.ts';
import { messengerWebhooks } from '../../channels/messenger/webhooks.ts';
import type { Credentials } from '../../graph/graph.ts';
import { mapLimited } from '../../shared/concurrency.ts';
import { ChannelctlError, type GraphErrorBody, usageError } from '../../shared/errors.ts';
import { count } from '../../shared/text.ts';
import { fieldsIn } from '../../ui/output/fields.ts';
import type { ResultShape } from '../../ui/output/render.ts';
import type { Terminal } from '../../ui/terminal/terminal.ts';
import type { CommandResult } from '../shared/command.ts';
import type { CommandContext } from '../shared/command-context.ts';
import type { OptionsOf } from '../shared/options.ts';
import { ERROR_FIELDS } from '../shared/result-fields.ts';

/** How many Pages are connected at a time. */
const AT_A_TIME = 5;

export const SELECTION_OPTIONS = {
  '--page <id>': { description: 'connect this Page; repeatable', isRepeatable: true },
  '--all-pages': 'connect every Page that can be connected',
} as const;

type SelectionOptions = OptionsOf<typeof SELECTION_OPTIONS>;

/** Which Pages to connect: those with these ids, every one that can be, or those that the person picks. */
export type Selection = { ids: readonly string[] } | 'all' | 'ask';

/** What became of one Page. */
interface PageOutcome {
  id: string;
  name: string;
  account_key: string;
  connected: boolean;
  error: { message: string; hint: string; graph: GraphErrorBody | null } | null;
}

const HOW_TO_CHOOSE =
  'Pass --page <id> for each Page, or --all-pages; messenger connect --list-only lists them.';

/** What connecting Pages results in. */
export const PAGES_RESULT: ResultShape = {
  fields: [
    'success',
    ...fieldsIn('pages', ['id', 'name', 'account_key', 'connected', ...ERROR_FIELDS]),
  ],
  listIn: 'pages',
  columns: ['id', 'name', 'account_key', 'connected', 'error.message'],
  truncatable: ['name'],
  droppable: ['account_key'],
};

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
  if (page?.includes('') === true) {
    throw usageError('--page is empty.', 'It takes the id of a Page.', HOW_TO_CHOOSE);
  }
  if (listOnly) return 'list-only';
  if (allPages === true) return 'all';
  if (page !== undefined) return { ids: [...new Set(page)] };
  if (terminal.interactive) return 'ask';
  throw usageError(
    'No Page was chosen.',
    'Without a terminal there is nobody to ask.',
    HOW_TO_CHOOSE,
  );
}

/**
 * Connects the chosen Pages; what fails for one does not stop the others. Meta is asked side by
 * side, but the accounts are stored in the order of the choice: the first one may become the default.
 *
 * @throws UserTokenLost where the person's token stopped working before any Page was connected
 */
export async function connectPages(
  selection: Selection,
  pages: readonly Page[],
  person: Credentials,
  context: CommandContext,
): Promise<CommandResult> {
  const chosen = await choose(selection, pages, context);
  const progress = context.terminal.progress(`Connecting ${count(chosen.length, 'Page')}`);
  let done = 0;
  let last: Promise<unknown> = Promise.resolve();
  try {
    const failures = await mapLimited(chosen, AT_A_TIME, async (page) => {
      const connecting = failureOf(connectPage(page, person, context, last));
      last = Promise.allSettled([last, connecting]);
      const failure = await connecting;
      done += 1;
      progress.update(`Connecting Pages: ${done} of ${chosen.length}`);
      return failure;
    });
    const lost = failures.find((failure) => failure instanceof UserTokenLost);
    if (lost !== undefined && !failures.includes(null)) throw lost;
    return summarize(
      chosen,
      chosen.map((page, index) => outcomeOf(page, failures[index] ?? null)),
      selection,
    );
  } finally {
    progress.stop();
  }
}

function summarize(
  pages: readonly Page[],
  outcomes: readonly PageOutcome[],
  selection: Selection,
): CommandResult {
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
  context: CommandContext,
): Promise<readonly Page[]> {
  if (selection === 'all') return pages;
  if (selection === 'ask') return ask(pages, context);
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

async function ask(pages: readonly Page[], { terminal }: CommandContext): Promise<readonly Page[]> {
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
      const marks = [
        page.connected ? 'connected' : null,
        reason === undefined ? null : 'no MESSAGING task',
      ];
      const notes = [page.id, page.category, ...marks];
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

/** @param turn resolves when it is this Page's turn to be stored */
async function connectPage(
  page: Page,
  person: Credentials,
  context: CommandContext,
  turn: Promise<unknown>,
): Promise<void> {
  const obstacle = whyNotConnectable(page);
  if (obstacle !== undefined) {
    throw new ChannelctlError('not_allowed', "The Page can't be connected:", {
      reason: `${obstacle}.`,
      hint: 'Ask an admin of the Page for one of these tasks, then sign in again.',
    });
  }
  const graph = await context.graph();
  const token = await pageToken(graph, page.id, person);
  await subscribePage(graph, page.id, messengerWebhooks.fields, {
    token,
    appSecret: person.appSecret,
  });
  const divisionId = context.settings.value('division_id');
  await turn;
  await context.profile.change((draft, secrets) => {
    storePage(draft, secrets, page, token, { ...context, divisionId });
  });
}

/** What Meta refuses for one Page says nothing of the others; a full disk does, and is thrown. */
async function failureOf(connecting: Promise<void>): Promise<ChannelctlError | null> {
  try {
    await connecting;
    return null;
  } catch (error) {
    const isOfThisPage =
      error instanceof ChannelctlError && ['graph', 'not_allowed'].includes(error.kind);
    if (isOfThisPage) return error;
    throw error;
  }
}

function outcomeOf({ id, name }: Page, failure: ChannelctlError | null): PageOutcome {
  return {
    id,
    name,
    account_key: pageAccountKey(id),
    connected: failure === null,
    error: failure && {
      message: failure.description,
      hint: failure.hint,
      graph: failure.graph,
    },
  };
}
