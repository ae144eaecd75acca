import { accountName } from '../../accounts/accounts.ts';
import { channelNamed, WEBHOOK_CHANNEL_LABELS, WEBHOOK_CHANNELS } from '../../channels/index.ts';
import { loadGraphOrOwnApp } from '../../channels/meta/app.ts';
import { appToken } from '../../channels/meta/app-credentials.ts';
import { loadWebhookAccount, type WebhookAccount } from '../../channels/meta/credentials.ts';
import type { Credentials } from '../../graph/graph.ts';
import type { RawCall } from '../../graph/operations/raw.ts';
import { usageError } from '../../shared/errors.ts';
import { toIndentedJson } from '../../shared/indented-json.ts';
import { isObject, type Json, mapStrings } from '../../shared/json.ts';
import { stripControlCharactersInLines } from '../../shared/text.ts';
import { defineCommand } from '../shared/command.ts';
import type { CommandContext } from '../shared/command-context.ts';
import { confirm } from '../shared/confirm.ts';
import type { OptionsOf } from '../shared/options.ts';
import { readGraphPath } from './graph-path.ts';

const ARGUMENTS = {
  '<method>': 'GET, POST or DELETE',
  '<path>': 'Graph API path, such as me/accounts; the version is prepended if omitted',
} as const;

const OPTIONS = {
  '-f, --field <k=v>': {
    description: 'parameter: k=v, k=@file, k=- or k=env:NAME; repeatable',
    isRepeatable: true,
  },
  '--input <file|->': 'file with the parameters as a JSON or YAML object',
  '--account <account>': 'account whose token to send; optional if there is only one',
  '--app <channel>': "send the app access token of this channel's app",
  '--paginate': 'fetch all pages of a list',
} as const;

type Options = OptionsOf<typeof OPTIONS, typeof ARGUMENTS>;

export const api = defineCommand({
  name: 'api',
  summary: "Call Meta's Graph API directly with an account's token",
  role: 'admin',
  examples: [
    {
      line: 'api GET me/subscribed_apps --account fb-1065 -f fields=id,name',
      about: "Read data with a Page's token",
    },
    {
      line: 'api POST me/messenger_profile --account fb-1065 --input profile.json --yes',
      about: 'Write data without a confirmation prompt',
    },
    {
      line: 'api GET 1066/phone_numbers --account wa-1045 --paginate -o ndjson',
      about: 'Fetch all pages and print one line per item',
    },
    { line: 'api GET 700/subscriptions --app messenger', about: 'Use an app access token' },
  ],
  notes:
    'The token is sent in a header, with appsecret_proof if the app secret is known. GET requests are retried after temporary errors; POST and DELETE require confirmation and are sent only once. Known secrets, including the token, are removed from the response.',
  result: { fields: [], anyField: true, isVerbatim: true },
  arguments: ARGUMENTS,
  options: OPTIONS,
  async run(options, context) {
    const method = methodOf(options);
    const { path, versioned, query } = readGraphPath(options.path);
    const { readConfigOptions } = await import('../shared/read-config-options.ts');
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
    const { credentials, tokenOwner, ...target } = await chooseIdentity(options, context);
    const call: RawCall = { ...target, method, path, versioned, fields };
    if (method !== 'GET')
      await confirm(context, `Send ${method} ${path} with the token of ${tokenOwner}?`);
    const graph = await context.graph();
    const response = await (options.paginate === true
      ? graph.rawList(call, credentials)
      : graph.raw(call, credentials));
    // The URL of the next page contains the token that was sent.
    const data = mapStrings(response, (text) => context.redactor.redact(text));
    const summary = () => stripControlCharactersInLines(toIndentedJson(data));
    return { data, fields: keysOf(data), summary };
  },
});

function methodOf({ method: given, paginate }: Options): RawCall['method'] {
  const method = (['GET', 'POST', 'DELETE'] as const).find(
    (known) => known === given.toUpperCase(),
  );
  if (method === undefined) {
    throw usageError(`Unsupported method "${given}".`, { hint: 'Use GET, POST or DELETE.' });
  }
  if (paginate !== true || method === 'GET') return method;
  throw usageError(`--paginate cannot be used with ${method}.`, {
    hint: 'Use GET, or omit --paginate.',
  });
}

function refuseCredentials(fields: Readonly<Record<string, Json>>): void {
  const found = ['access_token', 'appsecret_proof'].find((name) => Object.hasOwn(fields, name));
  if (found === undefined) return;
  throw usageError(`The parameter ${found} is not allowed.`, {
    reason: 'channelctl sends the token of the selected account in a header.',
    hint: 'Omit the parameter, and select the account with --account.',
  });
}

interface CallIdentity extends Pick<RawCall, 'service' | 'token'> {
  credentials: Credentials;
  tokenOwner: string;
}

/**
 * Chooses the token to send.
 *
 * @throws ChannelctlError `usage` if the options do not determine it
 */
async function chooseIdentity(
  { account, app }: Options,
  context: CommandContext,
): Promise<CallIdentity> {
  if (app !== undefined && account !== undefined) {
    throw usageError('Use either --account or --app, not both.');
  }
  if (app !== undefined) return appIdentity(app, context);
  return accountIdentity(
    await loadWebhookAccount(account ?? (await onlyAccount(context)), context),
  );
}

async function appIdentity(channel: string, context: CommandContext): Promise<CallIdentity> {
  if (!WEBHOOK_CHANNELS.includes(channel)) {
    throw usageError(`"${channel}" is not a channel with a Meta app.`, {
      hint: `Use --app with one of ${WEBHOOK_CHANNELS.join(', ')}.`,
    });
  }
  const found = await loadGraphOrOwnApp(channel, context);
  return {
    service: 'graph',
    token: 'app',
    credentials: appToken(found),
    tokenOwner: `app ${found.id}`,
  };
}

function accountIdentity({ account, credentials }: WebhookAccount): CallIdentity {
  const { token } = channelNamed(account.channel);
  return {
    service: token?.service ?? 'graph',
    token: token?.kind ?? 'none',
    credentials,
    tokenOwner: accountName(account),
  };
}

async function onlyAccount({ profile }: CommandContext): Promise<string> {
  const { accounts } = await profile.read();
  const ofMeta = accounts.filter(({ channel }) => WEBHOOK_CHANNELS.includes(channel));
  const [only, ...others] = ofMeta;
  if (only !== undefined && others.length === 0) return only.id;
  throw usageError('No account specified.', {
    reason:
      only === undefined
        ? `The profile has no ${WEBHOOK_CHANNEL_LABELS} account.`
        : `The profile has ${ofMeta.length} ${WEBHOOK_CHANNEL_LABELS} accounts.`,
    hint:
      only === undefined
        ? "To use the app access token of a channel's app, pass --app <channel>."
        : `Pass --account with one of them, such as --account ${accountName(only)}, or pass --app <channel> to use the app access token of that channel's app.`,
  });
}

function keysOf(data: Json): string[] {
  const items = Array.isArray(data) ? data : [data];
  return [...new Set(items.flatMap((item) => (isObject(item) ? Object.keys(item) : [])))];
}
