import fc from 'fast-check';
import { stringify } from 'yaml';
import { ownerName } from '../../src/accounts/secrets.ts';

const key = fc.constantFrom('a', 'b', 'c', 'd');
const id = fc.constantFrom('1', '2', '3');
const reference = fc.oneof(
  fc.record({ env: fc.constantFrom('ONE', 'TWO') }),
  fc.record({ file: fc.constant('secret.txt') }),
  fc.record({ command: fc.constant(['echo', 'x']) }),
);
const common = {
  display_name: fc.option(fc.string(), { nil: null }),
  is_active: fc.boolean(),
  division_id: fc.option(fc.constantFrom('emea', 'apac'), { nil: null }),
  verify_token: fc.constantFrom('v1', 'v2'),
};
const optional = { requiredKeys: ['channel' as const, 'account_key' as const, 'config' as const] };

const mailbox = fc.record(
  {
    channel: fc.constant('email'),
    account_key: key,
    ...common,
    config: fc.record(
      {
        address: fc.constant('a@example.com'),
        imap_port: fc.oneof(fc.integer({ min: 1, max: 999 }), fc.constant('993')),
        note: fc.oneof(
          fc.string(),
          fc.nat(),
          fc.boolean(),
          fc.array(fc.string({ unit: 'binary' })),
        ),
        password: reference,
      },
      { requiredKeys: ['address'] },
    ),
  },
  optional,
);
const page = id.chain((page_id) =>
  fc.record(
    {
      channel: fc.constant('messenger'),
      account_key: fc.constant(`fb-${page_id}`),
      ...common,
      config: fc.record({ page_id: fc.constant(page_id), page_access_token: reference }),
    },
    optional,
  ),
);
const number = id.chain((phone_number_id) =>
  fc.record(
    {
      channel: fc.constant('whatsapp'),
      account_key: fc.constant(`wa-${phone_number_id}`),
      ...common,
      config: fc.record({
        phone_number_id: fc.constant(phone_number_id),
        waba_id: fc.constantFrom('501', '502'),
        access_token: reference,
      }),
    },
    optional,
  ),
);
const menu = fc.record({
  get_started: fc.constantFrom('START', 'GO'),
  persistent_menu: fc
    .constantFrom('A', 'B')
    .map((title) => [
      { locale: 'default', call_to_actions: [{ type: 'postback', title, payload: title }] },
    ]),
});

export const whole = fc
  .record(
    {
      version: fc.constant(1),
      settings: fc.record(
        {
          graph_version: fc.constantFrom('v25.0', 'v26.0'),
          role: fc.constantFrom('admin', 'supervisor'),
          division_id: fc.constantFrom('emea', 'apac'),
        },
        { requiredKeys: [] },
      ),
      integrations: fc.uniqueArray(
        fc.record(
          {
            channel: fc.constantFrom('whatsapp', 'messenger', 'instagram'),
            is_active: fc.boolean(),
            config: fc.record({ app_id: id, app_secret: reference }, { requiredKeys: [] }),
          },
          { requiredKeys: ['channel'] },
        ),
        { selector: ({ channel }) => channel },
      ),
      accounts: fc.uniqueArray(fc.oneof(mailbox, page, number), {
        selector: ownerName,
        maxLength: 6,
      }),
      defaults: fc.array(fc.option(fc.boolean(), { nil: undefined }), { maxLength: 6 }),
      menus: fc.dictionary(
        id.map((one) => `messenger/fb-${one}`),
        menu,
      ),
    },
    { requiredKeys: ['version'] },
  )
  .map(({ defaults = [], ...document }) => withDefaults(document, defaults))
  .map(withKnownMenus);

type Loose = { accounts?: { channel: string; account_key: string }[]; menus?: object };

function withDefaults<Doc extends Loose>(document: Doc, defaults: (boolean | undefined)[]): Doc {
  const named = new Set<string>();
  const accounts = document.accounts?.map((account, index) => {
    const wish = defaults[index];
    const isDefault = wish === true && !named.has(account.channel);
    if (isDefault) named.add(account.channel);
    return wish === undefined ? account : { ...account, is_default: isDefault };
  });
  return accounts === undefined ? document : { ...document, accounts };
}

function withKnownMenus<Doc extends Loose>(document: Doc): Doc {
  const names = new Set((document.accounts ?? []).map(ownerName));
  const menus = Object.entries(document.menus ?? {}).filter(([name]) => names.has(name));
  return document.menus === undefined
    ? document
    : { ...document, menus: Object.fromEntries(menus) };
}

export const broken = fc
  .tuple(whole, fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 4 }), fc.jsonValue())
  .map(([document, path, value]) => replaced(document, path, value));

function replaced(part: unknown, [step = 0, ...rest]: number[], value: unknown): unknown {
  if (typeof part !== 'object' || part === null) return value;
  const keys = Object.keys(part);
  const chosen = keys[step % Math.max(keys.length, 1)];
  if (chosen === undefined) return value;
  const inner = Object.entries(part).map(([name, old]): [string, unknown] => [
    name,
    name !== chosen ? old : rest.length === 0 ? value : replaced(old, rest, value),
  ]);
  return Array.isArray(part) ? inner.map(([, one]) => one) : Object.fromEntries(inner);
}

export const garbled = fc
  .tuple(
    whole,
    fc.array(fc.tuple(fc.nat(), fc.constantFrom(...'[]{}:-&*!|>\'"\n\t #%@`,?x')), {
      maxLength: 4,
    }),
  )
  .map(([document, marks]) => {
    const characters = [...stringify(document)];
    for (const [place, mark] of marks) characters[place % characters.length] = mark;
    return characters.join('');
  });
