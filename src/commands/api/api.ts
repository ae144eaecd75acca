import { accountName } from '../../accounts/accounts.ts';
import { channelNamed, WEBHOOK_CHANNEL_LABELS, WEBHOOK_CHANNELS } from '../../channels/index.ts';
import { loadMetaApp } from '../../channels/meta/app.ts';
import { loadWebhookAccount, type WebhookAccount } from '../../channels/meta/credentials.ts';
import { appToken } from '../../channels/meta/webhooks.ts';
import type { Credentials } from '../../graph/graph.ts';
import type { RawCall } from '../../graph/operations/raw.ts';
import { usageError } from '../../shared/errors.ts';
import { isObject, type Json, mapStrings } from '../../shared/json.ts';
import { stripControlCharacters } from '../../shared/text.ts';
import { defineCommand } from '../shared/command.ts';
import type { CommandContext } from '../shared/command-context.ts';
import { readConfigOptions } from '../shared/config-options.ts';
import { confirm } from '../shared/confirm.ts';
import type { OptionsOf } from '../shared/options.ts';
import { readGraphPath } from './graph-path.ts';

const ARGUMENTS = {
  '<method>': 'GET, POST or DELETE',
  '<path>': 'as in /me/accounts; the Graph version is put before it where it has none',
} as const;

const OPTIONS = {
  '-f, --field <k=v>': {
    description: 'a parameter: k=v, k=@file, k=- or k=env:NAME; repeatable',
    isRepeatable: true,
  },
  '--input <file|->': 'parameters from a JSON or YAML object',
  '--account <account>': 'whose token is sent; not needed where there is one account',
  '--app <channel>': "send the app's own token of this channel's integration",
  '--paginate': 'follow the pages of a list, and give all its items',
} as const;

type Options = OptionsOf<typeof OPTIONS, typeof ARGUMENTS>;

export const api = defineCommand({
  name: 'api',
  summary: "Call Meta's Graph API directly with an account's token",
  role: 'admin',
  examples: [
    {
      line: 'api GET me/subscribed_apps --account fb-1065 -f fields=id,name',
      about: 'A read with the token of a Page',
    },
    {
      line: 'api POST me/messenger_profile --account fb-1065 --input profile.json --yes',
      about: 'A write, without a terminal',
    },
    {
      line: 'api GET 1066/phone_numbers --account wa-1045 --paginate -o ndjson',
      about: 'Every page of results, a line an item',
    },
    { line: 'api GET 700/subscriptions --app messenger', about: "With an app's own token" },
  ],
  notes:
    'The token is sent in a header, with appsecret_proof if the app secret is known. Reads are retried if that can help; POST and DELETE are sent once, after a confirmation. Known secrets, such as the token itself, are removed from the response.',
  result: { fields: [], anyField: true },
  arguments: ARGUMENTS,
  options: OPTIONS,
  async run(options, context) {
    const method = methodOf(options);
    const { path, versioned, query } = readGraphPath(options.path);
    const { set } = await readConfigOptions(
      {
        ...(options.field && { config: options.field }),
        ...(options.input && { configFile: options.input }),
      },
      context,
      { pair: '--field', file: '--input' },
    );
    const fields = { ...query, ...set };
    refuseCredentials(fields);
    const { credentials, who, ...target } = await chooseIdentity(options, context);
    const call: RawCall = { ...target, method, path, versioned, fields };
    if (method !== 'GET') await confirm(context, `Send ${method} ${path} for ${who}?`);
    const graph = await context.graph();
    const answer = await (options.paginate === true
      ? graph.rawList(call, credentials)
      : graph.raw(call, credentials));
    // The URL of the next page contains the token that was sent.
    const data = mapStrings(answer, (text) => context.redactor.redact(text));
    const words = JSON.stringify(data, null, 2).split('\n').map(stripControlCharacters).join('\n');
    return { data, fields: keysOf(data), summary: words };
  },
});

function methodOf({ method: given, paginate }: Options): RawCall['method'] {
  const method = (['GET', 'POST', 'DELETE'] as const).find(
    (known) => known === given.toUpperCase(),
  );
  if (method === undefined) {
    throw usageError(`"${given}" is no method of the Graph API.`, {
      reason: 'It knows GET, POST and DELETE.',
      hint: 'Run: channelctl api --help',
    });
  }
  if (paginate !== true || method === 'GET') return method;
  throw usageError(`--paginate does not fit ${method}.`, {
    reason: 'Lists are read with GET.',
    hint: 'Leave --paginate out.',
  });
}

function refuseCredentials(fields: Readonly<Record<string, Json>>): void {
  const found = ['access_token', 'appsecret_proof'].find((name) => Object.hasOwn(fields, name));
  if (found === undefined) return;
  throw usageError(`${found} can't be given.`, {
    reason: 'channelctl sends the token of the account that you name, and in a header.',
    hint: 'Leave it out, and name the account with --account.',
  });
}

interface CallIdentity extends Pick<RawCall, 'service' | 'token'> {
  credentials: Credentials;
  /** For the confirmation of a write. */
  who: string;
}

/**
 * Chooses the token to send.
 *
 * @throws ChannelctlError `usage` if the options don't determine it
 */
async function chooseIdentity(
  { account, app, method }: Options,
  context: CommandContext,
): Promise<CallIdentity> {
  if (app !== undefined && account !== undefined) {
    throw usageError('--account and --app contradict each other.', {
      reason: `A ${method} carries one token.`,
      hint: 'Leave one of them out.',
    });
  }
  if (app !== undefined) return appIdentity(app, context);
  return accountIdentity(
    await loadWebhookAccount(account ?? (await onlyAccount(context)), context),
  );
}

async function appIdentity(channel: string, context: CommandContext): Promise<CallIdentity> {
  if (!WEBHOOK_CHANNELS.includes(channel)) {
    throw usageError(`"${channel}" has no app at Meta.`, {
      reason: `The channels that have one are ${WEBHOOK_CHANNELS.join(', ')}.`,
      hint: 'Name one of those with --app.',
    });
  }
  const found = await loadMetaApp(channel, context);
  return {
    service: 'graph',
    token: 'app',
    credentials: appToken(found),
    who: `the app ${found.id}`,
  };
}

function accountIdentity({ account, credentials }: WebhookAccount): CallIdentity {
  const { token } = channelNamed(account.channel);
  return {
    service: token?.service ?? 'graph',
    token: token?.kind ?? 'none',
    credentials,
    who: accountName(account),
  };
}

async function onlyAccount({ profile }: CommandContext): Promise<string> {
  const { accounts } = await profile.read();
  const ofMeta = accounts.filter(({ channel }) => WEBHOOK_CHANNELS.includes(channel));
  const [only, ...others] = ofMeta;
  if (only !== undefined && others.length === 0) return only.id;
  throw usageError('It is not said whose token is to be sent.', {
    reason:
      only === undefined
        ? `There is no ${WEBHOOK_CHANNEL_LABELS} account.`
        : `There are ${ofMeta.length} accounts that could be meant.`,
    hint: 'Pass --account <account>, or --app <channel> for the app itself.',
  });
}

/** The columns of the response, in the order of its keys. */
function keysOf(data: Json): string[] {
  const items = Array.isArray(data) ? data : [data];
  return [...new Set(items.flatMap((item) => (isObject(item) ? Object.keys(item) : [])))];
}
