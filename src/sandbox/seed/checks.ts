import type { SeedFields } from './schema.ts';

type Path = (string | number)[];

type Entry = [value: string, path: Path];

export interface SeedIssue {
  path: Path;
  message: string;
}

export function findIssues(seed: SeedFields): SeedIssue[] {
  return [
    ...duplicates(graphIds(seed)),
    ...duplicates(
      seed.instagram.accounts.map(({ user_id }, index) => profileEntry(user_id, index)),
    ),
    ...duplicates(tokens(seed), () => 'duplicate token'),
    ...roleIssues(seed),
    ...businessIssues(seed),
    ...systemUserIssues(seed),
    ...wabaIssues(seed),
    ...webhookIssues(seed),
    ...issuerIssues(seed),
  ];
}

function duplicates(
  entries: readonly Entry[],
  message = (value: string) => `duplicate ID ${value}`,
): SeedIssue[] {
  const seen = new Set<string>();
  return entries.flatMap(([value, path]) => {
    if (seen.has(value)) return [{ path, message: message(value) }];
    seen.add(value);
    return [];
  });
}

/**
 * Apps, Pages, users, business portfolios, WABAs and numbers share the path `/{id}`, so their IDs
 * must differ.
 */
function graphIds(seed: SeedFields): Entry[] {
  const {
    apps,
    pages,
    people = [],
    businesses,
    whatsapp: { wabas },
  } = seed;
  const place = ['whatsapp', 'wabas'];
  return [
    ...idsOf(apps, ['apps']),
    ...idsOf(pages, ['pages']),
    ...idsOf(people, ['people']),
    ...idsOf(businesses, ['businesses']),
    ...idsOf(wabas, place),
    ...wabas.flatMap(({ numbers }, index) => idsOf(numbers, [...place, index, 'numbers'])),
  ];
}

function idsOf(items: readonly { id: string }[], place: Path): Entry[] {
  return items.map((item, index) => [item.id, [...place, index, 'id']]);
}

function profileEntry(user_id: string, index: number): Entry {
  return [user_id, ['instagram', 'accounts', index, 'user_id']];
}

/**
 * Returns the tokens of the seed. WABAs can share a token with each other, but not with an
 * Instagram account.
 */
function tokens({ whatsapp, instagram }: SeedFields): Entry[] {
  const business = new Map<string, Path>();
  const add = (token: string | undefined, path: Path) => {
    if (token !== undefined && !business.has(token)) business.set(token, path);
  };
  add(whatsapp.business_token, ['whatsapp', 'business_token']);
  for (const [index, { business_token }] of whatsapp.wabas.entries()) {
    add(business_token, ['whatsapp', 'wabas', index, 'business_token']);
  }
  const profiles = instagram.accounts.flatMap(({ access_token }, index): Entry[] =>
    access_token === undefined
      ? []
      : [[access_token, ['instagram', 'accounts', index, 'access_token']]],
  );
  return [...business, ...profiles];
}

function roleIssues({ pages, people = [] }: SeedFields): SeedIssue[] {
  const known = new Set(pages.map(({ id }) => id));
  return people.flatMap(({ pages: roles }, index) => {
    const entries = idsOf(roles, ['people', index, 'pages']);
    const unknown = entries.filter(([id]) => !known.has(id));
    return [
      ...unknown.map(([id, path]) => ({ path, message: `the seed has no Page ${id}` })),
      ...duplicates(entries),
    ];
  });
}

function businessIssues({ businesses, pages, people = [], whatsapp }: SeedFields): SeedIssue[] {
  const known = {
    Page: new Set(idsIn(pages)),
    user: new Set(idsIn(people)),
    WABA: new Set(idsIn(whatsapp.wabas)),
  };
  return businesses.flatMap((business, index) => {
    const { people: members, owned_pages, client_pages, client_wabas } = business;
    const missing = (key: string, kind: keyof typeof known, ids: readonly string[]) =>
      ids.flatMap((id, position) =>
        known[kind].has(id)
          ? []
          : [
              {
                path: ['businesses', index, key, position],
                message: `the seed has no ${kind} ${id}`,
              },
            ],
      );
    return [
      ...missing('people', 'user', members),
      ...missing('owned_pages', 'Page', owned_pages),
      ...missing('client_pages', 'Page', client_pages),
      ...missing('client_wabas', 'WABA', client_wabas),
    ];
  });
}

function systemUserIssues({ apps, businesses, pages }: SeedFields): SeedIssue[] {
  const known = { Page: new Set(idsIn(pages)), portfolio: new Set(idsIn(businesses)) };
  const missing = (kind: keyof typeof known, id: string, path: Path) =>
    known[kind].has(id) ? [] : [{ path, message: `the seed has no ${kind} ${id}` }];
  return apps.flatMap(({ system_user_configs }, app) =>
    system_user_configs.flatMap(({ business_id, pages: assigned }, index) => {
      const path = ['apps', app, 'system_user_configs', index];
      return [
        ...missing('portfolio', business_id, [...path, 'business_id']),
        ...assigned.flatMap(({ id }, at) => missing('Page', id, [...path, 'pages', at, 'id'])),
      ];
    }),
  );
}

function idsIn(items: readonly { id: string }[]): string[] {
  return items.map(({ id }) => id);
}

function wabaIssues({ whatsapp: { wabas } }: SeedFields): SeedIssue[] {
  const issues = wabas.flatMap(({ subscribed_apps }, index) =>
    duplicates(idsOf(subscribed_apps, ['whatsapp', 'wabas', index, 'subscribed_apps'])),
  );
  if (wabas[0]?.numbers.length !== 0) return issues;
  const message =
    'the first WABA must have a number, which `sandbox start` prints as phone_number_id';
  return [...issues, { path: ['whatsapp', 'wabas', 0, 'numbers'], message }];
}

function issuerIssues({ apps, pages, whatsapp }: SeedFields): SeedIssue[] {
  const known = idsIn(apps);
  const named: [string | undefined, Path][] = [
    ...pages.map(({ token_app_id }, index): [string | undefined, Path] => [
      token_app_id,
      ['pages', index, 'token_app_id'],
    ]),
    [whatsapp.business_token_app_id, ['whatsapp', 'business_token_app_id']],
  ];
  return named.flatMap(([id, path]) =>
    id === undefined || known.includes(id) ? [] : [{ path, message: `the seed has no app ${id}` }],
  );
}

function webhookIssues({ apps, instagram, webhooks = [] }: SeedFields): SeedIssue[] {
  const known = [instagram.app_id, ...apps.map(({ id }) => id)];
  const unknown = webhooks.flatMap(({ app_id }, index) =>
    known.includes(app_id)
      ? []
      : [{ path: ['webhooks', index, 'app_id'], message: `the seed has no app ${app_id}` }],
  );
  const objects = webhooks.map(({ app_id, object }, index): Entry => {
    return [`${object} of app ${app_id}`, ['webhooks', index, 'object']];
  });
  return [...unknown, ...duplicates(objects, (name) => `duplicate subscription: ${name}`)];
}
