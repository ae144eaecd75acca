import { accountName } from '../../accounts/accounts.ts';
import {
  type MessengerProfile as PageProfile,
  readMessengerProfile,
} from '../../channels/messenger/api.ts';
import { type MenuIssue, profileIssues } from '../../channels/messenger/menu.ts';
import {
  insecureLinksWarning,
  unlistedHosts,
  unlistedHostsReason,
} from '../../channels/messenger/menu-links.ts';
import { loadAccountCredentials } from '../../channels/meta/credentials.ts';
import type { ParametersOf } from '../../graph/operations/index.ts';
import { usageError } from '../../shared/errors.ts';
import { isObject } from '../../shared/json.ts';
import { count } from '../../shared/text.ts';
import { MESSENGER_ACCOUNT_ARGUMENT } from '../shared/account-argument.ts';
import { defineCommand } from '../shared/command.ts';
import type { CommandContext } from '../shared/command-context.ts';
import { readFileOrStdin } from '../shared/config-options.ts';
import type { OptionsOf } from '../shared/options.ts';

const OPTIONS = {
  '--file <path|->': 'menu in JSON or YAML (- reads stdin)',
  '--item <title=target>': {
    description: 'button: "Title=postback:PAYLOAD" or "Title=https://…" (repeatable)',
    isRepeatable: true,
  },
  '--get-started <payload>': 'also set the Get Started button, with this payload',
} as const;

type Options = OptionsOf<typeof OPTIONS>;

type MessengerProfile = ParametersOf<'setMessengerProfile'>;

export const set = defineCommand({
  name: 'set',
  summary: "Set a Page's persistent menu",
  role: 'admin',
  examples: [
    {
      line: 'menu set fb-1065 --item "Talk to us=postback:TALK" --item "Shop=https://shop.example.com"',
      about: 'Set two buttons for every locale',
    },
    {
      line: 'menu set fb-1065 --file menu.yaml',
      about: 'Set the menu from a file written by menu get -o yaml',
    },
    {
      line: 'menu set fb-1065 --file menu.yaml --get-started START',
      about: 'Also set the Get Started button that a menu requires',
    },
  ],
  notes:
    'A file contains the list of menus, or an object with persistent_menu and, optionally, get_started. The current menu of the Page is replaced. The whole menu is checked before anything is sent.',
  result: { fields: ['success', 'deleted'] },
  arguments: MESSENGER_ACCOUNT_ARGUMENT,
  options: OPTIONS,
  async run(options, context) {
    const profile = await readProfile(options, context);
    const { account, credentials } = await loadAccountCredentials(
      options.account,
      context,
      'messenger',
    );
    const name = accountName(account);
    const warning = insecureLinksWarning(profile.persistent_menu);
    if (warning !== null) context.warn(warning.message, warning.hint);
    const hasUnlistedHosts = unlistedHosts(profile.persistent_menu, []).length > 0;
    const graph = await context.graph();
    if (profile.get_started === undefined || hasUnlistedHosts) {
      checkWithPage(profile, name, await readMessengerProfile(graph, credentials));
    }
    await graph.call('setMessengerProfile', profile, credentials);
    return {
      data: { success: true, deleted: false },
      summary: `Set the persistent menu of ${name}: ${count(profile.persistent_menu?.length ?? 0, 'locale')}.`,
    };
  },
});

async function readProfile(options: Options, context: CommandContext): Promise<MessengerProfile> {
  const given = await readMenu(options, context);
  const get_started = getStartedButton(options.getStarted ?? given.get_started);
  const profile = { ...given, get_started };
  const issues = profileIssues(profile);
  if (issues.length > 0) throw menuError(issues);
  return profile as MessengerProfile;
}

/**
 * Returns the button for an object or a payload; undefined for null, which `menu get` writes if
 * there is no button.
 */
function getStartedButton(given: unknown): unknown {
  if (given === null) return undefined;
  return typeof given === 'string' ? { payload: given } : given;
}

function menuError(issues: readonly MenuIssue[]) {
  return usageError(`The menu has ${count(issues.length, 'error')}.`, {
    reason: `${issues.map(({ path, reason }) => `${path} ${reason}`).join('; ')}.`,
    hint: 'Correct the menu; nothing was sent to Meta.',
  });
}

async function readMenu(
  { file, item }: Options,
  context: CommandContext,
): Promise<Record<string, unknown>> {
  if ((file === undefined) === (item === undefined)) {
    throw usageError(
      file === undefined ? 'No menu was specified.' : '--file and --item cannot be used together.',
      { hint: 'Pass either --file <path> or --item "Title=postback:PAYLOAD" for each button.' },
    );
  }
  if (item !== undefined) {
    return { persistent_menu: [{ locale: 'default', call_to_actions: item.map(button) }] };
  }
  const path = file ?? '-';
  const text = await readFileOrStdin('--file', path, context);
  const { parseJsonOrYaml } = await import('../shared/config-document.ts');
  const document = parseJsonOrYaml(text, `--file ${path}`);
  if (isObject(document)) return document;
  return { persistent_menu: document };
}

function button(item: string): Record<string, string> {
  const [, title, target] = /^(.*?)=((?:postback:|[a-z][a-z0-9+.-]*:\/\/).*)$/is.exec(item) ?? [];
  if (title === undefined || target === undefined) {
    throw usageError(`--item "${item}" is not a valid button.`, {
      hint: 'Use the form "Title=postback:PAYLOAD" or "Title=https://…".',
    });
  }
  const scheme = 'postback:';
  return target.toLowerCase().startsWith(scheme)
    ? { type: 'postback', title, payload: target.slice(scheme.length) }
    : { type: 'web_url', title, url: target };
}

/** @throws ChannelctlError `usage` if Meta would reject the menu because of the Page's profile */
function checkWithPage(
  { persistent_menu, get_started }: MessengerProfile,
  name: string,
  page: PageProfile,
): void {
  if (get_started === undefined && page.get_started === null) {
    throw usageError(`${name} has no Get Started button.`, {
      reason: 'Meta requires one for a persistent menu.',
      hint: 'Add --get-started <payload>, with the payload to send to your webhook.',
    });
  }
  const hosts = unlistedHosts(persistent_menu, page.whitelisted_domains);
  if (hosts.length === 0) return;
  const urls = hosts.map((host) => `https://${host}`);
  const domains = JSON.stringify([...page.whitelisted_domains, ...urls]);
  throw usageError(`The menu ${unlistedHostsReason(hosts)}.`, {
    hint: `Remove messenger_extensions, or add the domains: channelctl api POST me/messenger_profile --account ${name} -f 'whitelisted_domains=${domains}'`,
  });
}
