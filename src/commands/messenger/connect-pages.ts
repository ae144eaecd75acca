import { readPageToken, subscribePage } from '../../channels/messenger/api.ts';
import {
  connectProblem,
  noPagesError,
  type Page,
  pageAccountKey,
  storePage,
} from '../../channels/messenger/pages.ts';
import { messengerWebhooks } from '../../channels/messenger/webhooks.ts';
import { isInvalidToken } from '../../graph/errors/errors.ts';
import type { Credentials } from '../../graph/graph.ts';
import { mapLimited } from '../../shared/concurrency.ts';
import { ChannelctlError, type GraphErrorBody } from '../../shared/errors.ts';
import { count } from '../../shared/text.ts';
import type { CommandContext } from '../shared/command-context.ts';
import type { CommandResult } from '../shared/command-result.ts';
import { collectResults } from '../shared/partial-result.ts';
import { countItems, withProgress } from '../shared/progress.ts';
import type { Selection } from './page-selection.ts';

const CONCURRENCY = 5;

interface PageResult {
  id: string;
  name: string | null;
  account_key: string;
  connected: boolean;
  error: { message: string; hint: string; graph: GraphErrorBody | null } | null;
}

/**
 * Connects the chosen Pages; a Page that cannot be connected does not affect the others. The calls
 * to Meta run concurrently, but the accounts are stored in the order in which the Pages were
 * chosen, because the first account may become the default.
 *
 * @throws ChannelctlError with Meta's error if the user token became invalid before any Page was
 *   connected
 */
export async function connectPages(
  selection: Selection,
  pages: readonly Page[],
  user: Credentials,
  context: CommandContext,
): Promise<CommandResult> {
  if (pages.length === 0) throw noPagesError();
  const chosen = await selectPages(selection, pages, context);
  let previous: Promise<unknown> = Promise.resolve();
  const text = `Connecting ${count(chosen.length, 'Page')}`;
  const onPage = collectResults(context, chosen, (failures: (ConnectFailure | null)[], done) =>
    failures.includes(null) ? summarize(done, failures, { selection, isComplete: false }) : null,
  );
  const failures = await withProgress(context.terminal, text, (progress) => {
    const onDone = countItems(progress, 'Connecting', chosen.length, 'Page');
    return mapLimited(chosen, CONCURRENCY, async (page) => {
      const connecting = connectPage(page, user, context, previous);
      previous = Promise.allSettled([previous, connecting]);
      const failure = await connecting;
      onPage(page, failure);
      onDone();
      return failure;
    });
  });
  const invalidToken = failures.find((failure) => failure?.isUserTokenInvalid);
  if (invalidToken && !failures.includes(null)) throw invalidToken.error;
  return summarize(chosen, failures, { selection, isComplete: true });
}

function summarize(
  pages: readonly Page[],
  failures: readonly (ConnectFailure | null)[],
  { selection, isComplete }: { selection: Selection; isComplete: boolean },
): CommandResult {
  const results = pages.map((page, index) => pageResult(page, failures[index]?.error ?? null));
  const connected = new Set(results.filter((result) => result.connected).map(({ id }) => id));
  // With --all-pages, an ineligible Page is not a failure.
  const expected = pages.filter(
    (page) => selection !== 'all' || connectProblem(page) === undefined,
  );
  const success = isComplete && expected.every(({ id }) => connected.has(id));
  return {
    data: { success, pages: results },
    summary: `Connected ${connected.size} of ${count(pages.length, 'Page')}.`,
    ...(success ? {} : { kind: 'graph' }),
  };
}

async function selectPages(
  selection: Selection,
  pages: readonly Page[],
  context: CommandContext,
): Promise<readonly Page[]> {
  if (selection === 'all') return pages;
  if (selection === 'ask') return choosePages(pages, context);
  const found = new Map(pages.map((page) => [page.id, page]));
  const missing = selection.ids.filter((id) => !found.has(id));
  if (missing.length === 0) {
    return selection.ids.flatMap((id) => found.get(id) ?? []);
  }
  throw new ChannelctlError('not_found', `Page not found: ${missing.join(', ')}.`, {
    reason: `The user who signed in granted access to ${count(pages.length, 'Page')}, directly or through a business portfolio, but not to ${missing.length === 1 ? 'this one' : 'these'}.`,
    hint: 'Sign in again and select the Page, and its business portfolio if the dialog offers it: channelctl messenger connect --list-only',
  });
}

async function choosePages(
  pages: readonly Page[],
  { terminal }: CommandContext,
): Promise<readonly Page[]> {
  const ids = await terminal.chooseMany(
    'Which Pages do you want to connect?',
    pages.map((page) => {
      const reason = connectProblem(page);
      const marks = [
        page.connected ? 'connected' : null,
        reason === undefined ? null : 'missing task',
      ];
      const notes = [page.id, page.category, ...marks];
      return {
        value: page.id,
        label: page.name ?? `Page ${page.id}`,
        note: notes.filter((note) => note !== null).join(' · '),
        ...(reason !== undefined && { disabled: reason }),
      };
    }),
  );
  return pages.filter(({ id }) => ids.includes(id));
}

interface ConnectFailure {
  error: ChannelctlError;
  isUserTokenInvalid: boolean;
}

/**
 * @param turn settles when it is this Page's turn to be stored
 * @returns null if the Page was connected, otherwise its error
 * @throws any error that does not concern this Page, such as a full disk
 */
async function connectPage(
  page: Page,
  user: Credentials,
  context: CommandContext,
  turn: Promise<unknown>,
): Promise<ConnectFailure | null> {
  let hasPageToken = false;
  try {
    assertConnectable(page);
    const graph = await context.graph();
    const token = await readPageToken(graph, page.id, user);
    hasPageToken = true;
    await subscribePage(graph, page.id, messengerWebhooks.fields, {
      token,
      appSecret: user.appSecret,
    });
    const divisionId = context.settings.value('division_id');
    await turn;
    await context.profile.change((draft, secrets) => {
      storePage(draft, secrets, page, token, { ...context, divisionId });
    });
    return null;
  } catch (error) {
    if (!(error instanceof ChannelctlError)) throw error;
    if (!['graph', 'not_allowed'].includes(error.kind)) throw error;
    // Until the Page token has been read, calls use the user token.
    return { error, isUserTokenInvalid: !hasPageToken && isInvalidToken(error.graph) };
  }
}

function assertConnectable(page: Page): void {
  const reason = connectProblem(page);
  if (reason === undefined) return;
  throw new ChannelctlError('not_allowed', 'The Page cannot be connected.', {
    reason: `${reason}.`,
    hint: 'Ask an admin of the Page to assign you this task, then sign in again.',
  });
}

function pageResult({ id, name }: Page, error: ChannelctlError | null): PageResult {
  return {
    id,
    name,
    account_key: pageAccountKey(id),
    connected: error === null,
    error: error && {
      message: error.description,
      hint: error.hint,
      graph: error.graph,
    },
  };
}
