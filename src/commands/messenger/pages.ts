import { loadUserCredentials } from '../../channels/messenger/login.ts';
import { loadKnownApp } from '../../channels/meta/app.ts';
import { usageError } from '../../shared/errors.ts';
import { metaValueProblem } from '../../shared/secrets.ts';
import { defineCommand } from '../shared/command.ts';
import type { CommandContext } from '../shared/command-context.ts';
import { readFileOrStdin } from '../shared/config-options.ts';
import { withProgress } from '../shared/progress.ts';
import { idsOf, PAGES_RESULT, parseSelection, SELECTION_OPTIONS } from './page-selection.ts';

export const pages = defineCommand({
  name: 'pages',
  summary: 'Connect Pages with the stored user token',
  role: 'admin',
  missingProfile: 'created',
  examples: [
    { line: 'messenger pages --page 1065 --page 1066', about: 'Connect two Pages' },
    {
      line: 'messenger pages --all-pages --json',
      about: 'Connect all eligible Pages and print JSON',
    },
    {
      line: 'messenger pages --page 1065 --user-token-file -',
      about: 'Use a user token from stdin',
    },
  ],
  notes: 'Connecting a Page again renews its token and its webhook subscription.',
  result: PAGES_RESULT,
  options: {
    ...SELECTION_OPTIONS,
    '--user-token-file <path|->':
      'file with a user token to use instead of the stored one (- reads stdin)',
  },
  async run(options, context) {
    const selection = parseSelection(options, context.terminal, false);
    await context.profile.assertWritable();
    const given = await readUserToken(options.userTokenFile, context);
    const user = await loadUserCredentials(context, given);
    const graph = await context.graph();
    const { listPages } = await import('../../channels/messenger/pages.ts');
    const all = await withProgress(context.terminal, 'Listing Pages', async () =>
      listPages(graph, {
        user,
        app: (await loadKnownApp('messenger', context)).app,
        ids: idsOf(selection),
        state: await context.profile.read(),
        warn: context.warn,
      }),
    );
    const { connectPages } = await import('./connect-pages.ts');
    return connectPages(selection, all, user, context);
  },
});

async function readUserToken(
  path: string | undefined,
  context: CommandContext,
): Promise<string | undefined> {
  if (path === undefined) return undefined;
  const flag = '--user-token-file';
  const text = await readFileOrStdin(flag, path, context);
  const token = text.trim();
  context.redactor.add(token);
  const problem = metaValueProblem(token);
  if (token !== '' && problem === undefined) return token;
  throw usageError(`${flag} does not contain a user token.`, {
    reason: userTokenReason(token, problem),
    hint: 'Pass a file that contains only the token.',
  });
}

function userTokenReason(token: string, problem: string | undefined): string {
  if (problem === undefined) return 'It is empty.';
  return /\s/.test(token) ? 'A token cannot contain whitespace.' : `The value ${problem}.`;
}
