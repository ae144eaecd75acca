import { accountName } from '../../accounts/accounts.ts';
import { type MessengerProfile, readMessengerProfile } from '../../channels/messenger/api.ts';
import { loadAccountCredentials } from '../../channels/meta/credentials.ts';
import { stripControlCharacters } from '../../shared/text.ts';
import { MESSENGER_ACCOUNT_ARGUMENT } from '../shared/account-argument.ts';
import { defineCommand } from '../shared/command.ts';

export const get = defineCommand({
  name: 'get',
  summary: "Show a Page's persistent menu",
  role: 'supervisor',
  examples: [
    { line: 'menu get fb-1065', about: 'Show the menu of each locale' },
    { line: 'menu get fb-1065 -o yaml > menu.yaml', about: 'Save the menu as a file for menu set' },
  ],
  result: { fields: ['persistent_menu', 'persistent_menu.*', 'get_started', 'get_started.*'] },
  arguments: MESSENGER_ACCOUNT_ARGUMENT,
  async run(options, context) {
    const { account, credentials } = await loadAccountCredentials(
      options.account,
      context,
      'messenger',
    );
    const profile = await readMessengerProfile(await context.graph(), credentials);
    const { persistent_menu, get_started } = profile;
    return {
      data: { persistent_menu, get_started },
      summary: formatProfile(accountName(account), profile),
    };
  },
});

function formatProfile(name: string, { persistent_menu, get_started }: MessengerProfile): string {
  const entries = (persistent_menu ?? []).flatMap((entry) => [
    `Menu for ${stripControlCharacters(entry.locale)}${entry.composer_input_disabled === true ? ', typing disabled' : ''}:`,
    ...(entry.call_to_actions ?? []).map(
      ({ title, payload, url }) =>
        `  ${stripControlCharacters(title)}  →  ${stripControlCharacters(payload ?? url ?? '')}`,
    ),
  ]);
  return [
    persistent_menu === null ? `${name} has no persistent menu.` : `${name}`,
    `Get Started: ${get_started === null ? 'not set' : stripControlCharacters(get_started.payload)}`,
    ...entries,
  ].join('\n');
}
