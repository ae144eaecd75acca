import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { get } from '../sandbox/support.ts';
import { signupCode } from '../sandbox/whatsapp-support.ts';
import { share } from '../support/chance.ts';
import { APP_ID, TOKEN, whatsappDesk } from '../support/whatsapp.ts';

// A command changes the URL that Meta calls for an account only if the account is named in its
// arguments, in the notes of a plan or in a confirmed question.

/** A time limit in milliseconds, long enough for a busy machine. */
const LONG = 600_000;

const BASE = 'https://desk.example.com/hooks';
const urlOf = (id: string) => `${BASE}/whatsapp/wa-${id}`;

const WABAS: Readonly<Record<string, readonly string[]>> = { 50: ['1', '2', '3'], 60: ['4'] };
const NUMBERS = Object.values(WABAS).flat();
const wabaOf = (id: string) =>
  Object.keys(WABAS).find((waba) => WABAS[waba]?.includes(id)) ?? 'none';

const someUrl = fc.constantFrom(
  ...NUMBERS.map(urlOf),
  'https://old.example.net/hook',
  'https://Desk.example.com/hooks/whatsapp/wa-1',
);
const sometimes = <Value>(value: fc.Arbitrary<Value>) =>
  fc.option(value, { nil: undefined, freq: 1 });
const usually = <Value>(value: fc.Arbitrary<Value>) =>
  fc.option(value, { nil: undefined, freq: 4 });
const isSo = fc.oneof({ arbitrary: fc.constant(true), weight: 4 }, fc.constant(false));

const environments = fc.record({
  accounts: fc.subarray(NUMBERS, { minLength: 3 }),
  appId: isSo,
  appUrl: usually(someUrl),
  appFields: fc.constantFrom(['messages'], ['messages', 'calls'], ['security']),
  mode: fc.constantFrom('replace' as const, 'add' as const),
  numbers: fc.tuple(
    ...NUMBERS.map(() => fc.record({ url: sometimes(someUrl), denied: fc.boolean() })),
  ),
  wabas: fc.tuple(
    ...Object.keys(WABAS).map(() =>
      fc.record({
        subscribed: isSo,
        override: usually(someUrl),
        other: fc.option(usually(someUrl)),
      }),
    ),
  ),
});

type Environment = typeof environments extends fc.Arbitrary<infer Value> ? Value : never;

const level = fc.constantFrom('number', 'waba', 'app');
const commands = fc.record({
  id: fc.constantFrom(...NUMBERS),
  verb: fc.oneof(
    fc.constant(['create']),
    fc.constant(['signup']),
    fc.constant(['whatsapp', 'subscribe']),
    fc.constant(['whatsapp', 'subscribe', '--override']),
    fc.constant(['whatsapp', 'unsubscribe']),
    level.map((one) => ['webhooks', 'set', '--level', one]),
    level.map((one) => ['webhooks', 'unset', '--level', one]),
    fc.constantFrom(true, false, 'number', 'waba', undefined).map((one) => ['apply', String(one)]),
  ),
});

function desk({ accounts, appId, appUrl, appFields, mode, numbers, wabas }: Environment) {
  return whatsappDesk({
    accounts,
    appId,
    webhookFields: mode,
    webhooks:
      appUrl === undefined
        ? []
        : [
            {
              app_id: APP_ID,
              object: 'whatsapp_business_account',
              callback_url: appUrl,
              fields: [...appFields],
            },
          ],
    wabas: Object.entries(WABAS).map(([id, ids], index) => {
      const { subscribed = false, override, other = null } = wabas[index] ?? {};
      return {
        id,
        subscribed_apps: [
          ...(subscribed ? [{ id: APP_ID, override_callback_uri: override }] : []),
          ...(other === null ? [] : [{ id: '999', override_callback_uri: other }]),
        ],
        numbers: ids.map((number) => {
          const { url, denied = false } = numbers[NUMBERS.indexOf(number)] ?? {};
          return { id: number, webhook_override: url, webhook_override_denied: denied };
        }),
      };
    }),
    extra: { CHANNELCTL_WEBHOOK_BASE_URL: BASE },
  });
}

type Desk = Awaited<ReturnType<typeof desk>>;

async function calledUrls({ meta }: Desk): Promise<Map<string, string | undefined>> {
  const entries = await Promise.all(
    NUMBERS.map(async (id): Promise<[string, string | undefined]> => {
      const { data } = (await get(meta, `/${wabaOf(id)}/subscribed_apps`, TOKEN)).body;
      const apps: { whatsapp_business_api_data: { id: string } }[] = Object(data);
      if (!apps.some((one) => one.whatsapp_business_api_data.id === APP_ID)) return [id, undefined];
      const fields = { fields: 'webhook_configuration' };
      const found = Object((await get(meta, `/${id}`, TOKEN, fields)).body.webhook_configuration);
      const url = found.phone_number ?? found.whatsapp_business_account ?? found.application;
      // Normalized, because the case of the host does not matter.
      return [id, url === undefined ? undefined : new URL(url).href];
    }),
  );
  return new Map(entries);
}

async function accountIds(on: Desk): Promise<string[]> {
  const accounts: { config: { phone_number_id: string } }[] = await on.json('accounts', 'list');
  return accounts.map(({ config }) => config.phone_number_id);
}

/** Returns the command line, and the text that names the accounts it affects without asking. */
async function lineOf(
  on: Desk,
  id: string,
  [first = '', ...rest]: readonly string[],
): Promise<{ line: string[]; named: string }> {
  const ids = ['--config', `phone_number_id=${id}`, '--config', `waba_id=${wabaOf(id)}`];
  if (first === 'create') {
    const create = ['accounts', 'create', '--channel', 'whatsapp', ...ids];
    return { line: [...create, '--config', 'access_token=env:TOKEN'], named: '' };
  }
  if (first === 'signup') {
    const code = await signupCode(on.meta, id);
    const given = ['--waba-id', wabaOf(id), '--phone-number-id', id, '--code', code];
    return { line: ['whatsapp', 'signup', ...given], named: '' };
  }
  if (first !== 'apply') {
    const [verb = '', ...options] = rest;
    return { line: [first, verb, `wa-${id}`, ...options], named: '' };
  }
  const file = join(on.configDir, 'channels.yaml');
  const [override] = rest;
  const subscription = override === 'undefined' ? {} : { override: JSON.parse(quoted(override)) };
  const config = {
    phone_number_id: id,
    waba_id: wabaOf(id),
    access_token: { env: 'TOKEN' },
  };
  const account = { channel: 'whatsapp', account_key: `wa-${id}`, config };
  const subscriptions = { [`whatsapp/wa-${id}`]: subscription };
  await writeFile(file, stringify({ version: 1, accounts: [account], subscriptions }));
  const { stdout } = await on.cli('plan', '-f', file, '--json');
  const named = stdout === '' ? '' : JSON.stringify(JSON.parse(stdout).notes);
  return { line: ['apply', '-f', file, '--yes'], named };
}

function quoted(override = ''): string {
  return ['true', 'false'].includes(override) ? override : JSON.stringify(override);
}

async function runChecked(on: Desk, id: string, line: string[], named: string) {
  const accounts = await accountIds(on);
  const before = await calledUrls(on);
  const result = await on.cli(...line);
  const after = await calledUrls(on);
  const changed = accounts.filter((one) => before.get(one) !== after.get(one) && one !== id);
  const unnamed = changed.filter((one) => !new RegExp(`whatsapp/wa-${one}\\b`).test(named));
  expect({ line, unnamed, stderr: result.stderr }).toMatchObject({ unnamed: [] });
  return result;
}

test(
  'no command changes which URL Meta calls for an account that it does not name',
  async () => {
    const property = fc.asyncProperty(
      environments,
      fc.array(commands, { minLength: 1, maxLength: 3 }),
      async (environment, sequence) => {
        const on = await desk(environment);
        try {
          for (const { id, verb } of sequence) {
            const { line, named } = await lineOf(on, id, verb);
            const { code, stderr } = await runChecked(on, id, line, named);
            // If confirmed, the command changes only the accounts that the question names.
            const isAsked = code === 2 && stderr.includes('Confirmation required');
            if (isAsked && verb[0] !== 'signup')
              await runChecked(on, id, [...line, '--yes'], stderr);
          }
        } finally {
          await on.meta.close();
        }
      },
    );
    await fc.assert(property, { numRuns: share(500, 50), endOnFailure: true });
  },
  LONG,
);
