import { messenger } from '../../channels/messenger/index.ts';
import {
  authorizationUrl,
  exchangeLoginCode,
  storeUserToken,
} from '../../channels/messenger/login.ts';
import { loadMetaApp } from '../../channels/meta/app.ts';
import { afterSteps, continued } from '../../shared/continuation.ts';
import { ChannelctlError, usageError } from '../../shared/errors.ts';
import { lastFour, maskOf } from '../../shared/secrets.ts';
import { count, stripControlCharacters } from '../../shared/text.ts';
import { fieldsIn } from '../../ui/output/fields.ts';
import type { ResultShape } from '../../ui/output/render.ts';
import { defineCommand } from '../shared/command.ts';
import { withProgress } from '../shared/progress.ts';
import { requireAdminToReveal } from '../shared/require-role.ts';
import { obtainCode, SIGN_IN_OPTIONS } from '../shared/sign-in-options.ts';
import { idsOf, PAGES_RESULT, parseSelection, SELECTION_OPTIONS } from './page-selection.ts';

const PAGE_FIELDS = ['id', 'name', 'category', 'tasks', 'connected'];
const BUSINESS_FIELDS = fieldsIn('business', ['id', 'name']);

const LIST_RESULT: ResultShape = {
  fields: ['user_token', ...fieldsIn('pages', [...PAGE_FIELDS, ...BUSINESS_FIELDS])],
  listIn: 'pages',
  columns: PAGE_FIELDS,
  truncatable: ['name', 'category', 'tasks'],
  formatters: {
    tasks: (tasks) => (Array.isArray(tasks) ? stripControlCharacters(tasks.join(', ')) : '-'),
  },
};

const STORED = {
  done: 'The user token is stored.',
  next: 'To continue, run: channelctl messenger pages --page <id> or --all-pages',
};

export const connect = defineCommand({
  name: 'connect',
  summary: 'Sign in with Facebook and connect Pages',
  role: 'admin',
  missingProfile: 'created',
  examples: [
    { line: 'messenger connect', about: 'Sign in with a browser, then choose Pages' },
    {
      line: 'messenger connect --list-only',
      about: 'Sign in and list the Pages without connecting any',
    },
    {
      line: 'messenger connect --no-browser --page 1065',
      about: 'Sign in on a machine without a browser',
    },
    {
      line: 'messenger connect --code - --redirect-uri https://desk.example.com/callback --all-pages',
      about: 'Use a code from your own sign-in page, read from stdin',
    },
  ],
  result: ({ listOnly }) => (listOnly === true ? LIST_RESULT : PAGES_RESULT),
  options: {
    ...SELECTION_OPTIONS,
    '--list-only': 'list the Pages and store the user token without connecting any',
    '--reveal': 'with --list-only, show the user token (requires the admin role)',
    ...SIGN_IN_OPTIONS,
  },
  async run(options, context) {
    requireAdminToReveal(options, context.settings.role);
    if (options.reveal === true && options.listOnly !== true) {
      throw usageError('--reveal requires --list-only.', {
        hint: 'Add --list-only, or omit --reveal.',
      });
    }
    const selection = parseSelection(options, context.terminal, options.listOnly === true);
    const app = await loadMetaApp('messenger', context);
    // The code works only once, so make sure that the token can be stored before exchanging the
    // code.
    await context.profile.assertWritable();
    const graph = await context.graph();
    const { code, redirectUri } = await obtainCode(options, context, {
      name: 'Facebook',
      channel: messenger,
      authorizationUrl: (redirectUri, state) =>
        authorizationUrl(context.env, context.settings.graphVersion, app, redirectUri, state),
    });
    const { listPages, noPagesError } = await import('../../channels/messenger/pages.ts');
    const { user, pages } = await withProgress(context.terminal, 'Signing in', async (progress) => {
      const now = context.now();
      const newToken = await exchangeLoginCode(graph, app, redirectUri, code, now);
      await storeUserToken(context.profile, newToken, now);
      progress.update('Listing Pages');
      const user = { token: newToken.token, appSecret: app.secret };
      const ids = selection === 'list-only' ? [] : idsOf(selection);
      const state = await context.profile.read();
      const found = { user, app, ids, state, warn: context.warn };
      return { user, pages: await afterSteps(STORED, () => listPages(graph, found)) };
    });
    if (pages.length === 0) throw noPagesError();
    if (selection !== 'list-only') {
      const { connectPages } = await import('./connect-pages.ts');
      return connectPages(selection, pages, user, context).catch(reportStoredToken);
    }
    const user_token = options.reveal === true ? user.token : maskOf(lastFour(user.token));
    return {
      data: { user_token, pages },
      summary: [
        `Found ${count(pages.length, 'Page')}. To connect one, run: channelctl messenger pages --page <id>`,
        `User token: ${stripControlCharacters(user_token)}`,
      ].join('\n'),
    };
  },
});

function reportStoredToken(error: unknown): never {
  if (!(error instanceof ChannelctlError)) throw error;
  // For another Page, the user must sign in again.
  throw error.kind === 'not_found' ? error : continued(error, STORED);
}
