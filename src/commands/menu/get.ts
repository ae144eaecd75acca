import { accountName } from '../../channels/accounts.ts';
import { pageAccount } from '../../channels/messenger/page-account.ts';
import type { AnswerOf } from '../../graph/operations.ts';
import { plainText } from '../../shared/text.ts';
import { defineVerb } from '../command.ts';

interface Options {
  account: string;
}

type MessengerProfile = AnswerOf<'getMessengerProfile'>['data'][number];

export const get = defineVerb<Options>({
  name: 'get',
  summary: "Show a Page's persistent menu",
  role: 'supervisor',
  examples: [
    { line: 'menu get fb-1065', about: 'The menu, locale by locale' },
    { line: 'menu get fb-1065 -o yaml > menu.yaml', about: 'As a file that menu set takes' },
  ],
  result: { fields: ['persistent_menu', 'get_started'] },
  register: (command) => command.argument('<account>', 'a Messenger account'),
  async run(options, deps) {
    const { account, credentials } = await pageAccount(options.account, deps);
    const graph = await deps.graph();
    const { data } = await graph.call(
      'getMessengerProfile',
      { fields: 'persistent_menu,get_started' },
      credentials,
    );
    const [profile = {}] = data;
    return {
      data: {
        persistent_menu: profile.persistent_menu ?? null,
        get_started: profile.get_started ?? null,
      },
      summary: inWords(accountName(account), profile),
    };
  },
});

function inWords(name: string, { persistent_menu, get_started }: MessengerProfile): string {
  const entries = (persistent_menu ?? []).flatMap((entry) => [
    `Menu for ${plainText(entry.locale)}${entry.composer_input_disabled === true ? ', typing disabled' : ''}:`,
    ...(entry.call_to_actions ?? []).map(
      ({ title, payload, url }) => `  ${plainText(title)}  →  ${plainText(payload ?? url ?? '')}`,
    ),
  ]);
  return [
    persistent_menu === undefined ? `${name} has no persistent menu.` : `${name}`,
    `Get Started: ${get_started === undefined ? 'not set' : plainText(get_started.payload)}`,
    ...entries,
  ].join('\n');
}
