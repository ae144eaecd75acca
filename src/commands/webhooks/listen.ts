import { findAccount } from '../../accounts/accounts.ts';
import { channelNamed, channelWebhooks, WEBHOOK_CHANNELS } from '../../channels/index.ts';
import { loadKnownApp, loadKnownGraphApp, loadMetaApp } from '../../channels/meta/app.ts';
import type { StoredAccount } from '../../profile/types.ts';
import { usageError } from '../../shared/errors.ts';
import { toIndentedJson } from '../../shared/indented-json.ts';
import { count, stripControlCharacters, stripControlCharactersInLines } from '../../shared/text.ts';
import type { Style } from '../../ui/output/style.ts';
import type { ReceivedWebhook, Receiver, ReceiverAccount } from '../../webhooks/receiver.ts';
import { defineCommand } from '../shared/command.ts';
import type { CommandContext } from '../shared/command-context.ts';
import type { CommandResult } from '../shared/command-result.ts';
import { parsePort } from '../shared/option-values.ts';
import type { OptionsOf } from '../shared/options.ts';

const OPTIONS = {
  '--port <number>': { description: 'port to listen on; 0 selects a free port', default: '8978' },
  '--account <account>': 'receive webhooks for this account only',
} as const;

type Options = OptionsOf<typeof OPTIONS>;

export const listen = defineCommand({
  name: 'listen',
  summary: 'Receive webhooks on this machine and print them',
  role: 'admin',
  examples: [
    {
      line: 'webhooks listen',
      about: 'Receive webhooks for all accounts, for example through a tunnel',
    },
    {
      line: 'webhooks listen --port 0 --account wa-1045 --json',
      about: 'Listen on a free port for one account, and print one line of JSON per webhook',
    },
  ],
  notes:
    'Listens only on loopback, accepts every path, and prints its URL to stderr. A handshake with the verify token of an account receives the challenge, and a webhook signed with an app secret of an integration (for Instagram, that of the Instagram app or the Meta app) receives 200. All others are rejected with 403 or 401. Every webhook is printed; of a body without a valid signature, only the first 1 KB, as text, with the size in bytes. A body above 4 MB is rejected with 413. If the output is not read, webhooks above 20 MB in total are rejected with 503. The number of webhooks rejected with 413 or 503 is printed at the end. Press Ctrl-C to stop; the exit code is then 0.',
  result: {
    fields: [
      'time',
      'event',
      'path',
      'channel',
      'account_key',
      'object',
      'signature',
      'accepted',
      'body',
      'body.*',
      'bytes',
    ],
    isVerbatim: true,
    jsonOnOneLine: true,
  },
  options: OPTIONS,
  async run(options, context) {
    const port = parsePort(options.port);
    requireStreamFormat(context);
    const accounts = await listenedAccounts(options, context);
    const appSecrets = await readAppSecrets(options, accounts, context);
    for (const secret of appSecrets) context.redactor.add(secret);
    const { startReceiver } = await import('../../webhooks/receiver.ts');
    const { port: boundPort, ...receiver } = await startReceiver({
      port,
      accounts: accounts.map(receiverAccount),
      appSecrets,
      now: context.now,
      onTls: () => {
        context.warn(
          'A client used HTTPS, but webhooks listen accepts only plain HTTP.',
          'Use the printed URL, which begins with http://. A tunnel must also forward to that URL.',
        );
      },
      signal: context.signal,
    });
    context.terminal.print(
      `Listening on http://localhost:${boundPort} for ${count(accounts.length, 'account')}.`,
    );
    context.terminal.hint('Press Ctrl-C to stop.');
    const data: ReceivedWebhook[] = [];
    return { data, stream: resultsOf(receiver, context) };
  },
});

function requireStreamFormat({ settings }: CommandContext): void {
  if (['table', 'json', 'ndjson'].includes(settings.format)) return;
  throw usageError(`webhooks listen does not support the format ${settings.format}.`, {
    reason: 'Results are printed as they arrive.',
    hint: 'Use --json or --output ndjson.',
  });
}

async function listenedAccounts(
  { account }: Options,
  { profile }: CommandContext,
): Promise<StoredAccount[]> {
  const state = await profile.read();
  if (account === undefined) {
    return state.accounts.filter(({ channel }) => WEBHOOK_CHANNELS.includes(channel));
  }
  const found = findAccount(state, account);
  channelWebhooks(found);
  return [found];
}

async function readAppSecrets(
  { account }: Options,
  accounts: readonly StoredAccount[],
  context: CommandContext,
): Promise<string[]> {
  const [first] = accounts;
  if (account !== undefined && first !== undefined) {
    await loadMetaApp(first.channel, context);
    return knownSecrets([first.channel], context);
  }
  const known = await knownSecrets(WEBHOOK_CHANNELS, context);
  if (known.length > 0) return known;
  throw usageError('Signatures cannot be verified.', {
    reason: 'Meta signs webhooks with the app_secret, but no integration has one.',
    hint: 'Run: channelctl integrations set <channel> --config app_secret=@file',
  });
}

/**
 * Returns the secrets of the channels' apps. Meta signs Instagram webhooks with the secret of the
 * Instagram app. Meta's reference does not say so, so the secret of the Meta app is also accepted.
 */
async function knownSecrets(
  channels: readonly string[],
  context: CommandContext,
): Promise<string[]> {
  const apps = await Promise.all(
    channels.flatMap((channel) => [
      loadKnownApp(channel, context),
      loadKnownGraphApp(channel, context),
    ]),
  );
  return [...new Set(apps.flatMap(({ secret }) => secret ?? []))];
}

function receiverAccount(account: StoredAccount): ReceiverAccount {
  const { channel, account_key, verify_token, config } = account;
  const [idKey = ''] = channelNamed(channel).idKeys;
  const metaId = String(config[idKey] ?? account_key);
  return { channel, account_key, verifyToken: verify_token, metaId };
}

async function* resultsOf(
  { received, dropped }: Pick<Receiver, 'received' | 'dropped'>,
  context: CommandContext,
): AsyncGenerator<CommandResult> {
  const { redactBody } = await import('../../shared/foreign/sanitize.ts');
  try {
    for await (const one of received) {
      const body = redactBody(one.body, JSON.stringify(one.body), context.redactor);
      const data = { ...one, body };
      yield { data, summary: (style) => formatWebhook(data, style) };
    }
  } finally {
    if (dropped() > 0) {
      context.warn(
        `${count(dropped(), 'webhook')} ${dropped() === 1 ? 'was' : 'were'} not printed.`,
        'A body was larger than 4 MB, or the output was not read fast enough.',
      );
    }
  }
}

function formatWebhook(webhook: ReceivedWebhook, style: Style): string {
  const { time, event, path, signature, accepted, body, bytes } = webhook;
  const name =
    webhook.channel === null || webhook.account_key === null
      ? 'unknown account'
      : `${webhook.channel}/${webhook.account_key}`;
  const reason =
    signature === null ? `verify token ${accepted ? 'ok' : 'wrong'}` : `signature ${signature}`;
  const mark = accepted ? style.success('✓') : style.error('✗');
  const head = `${mark} ${time}  ${event}  ${style.bold(name)}  ${stripControlCharacters(path)}  ${reason}`;
  if (body === null) return head;
  const size = signature === 'ok' ? [] : [`  (${bytes} bytes)`];
  const json = stripControlCharactersInLines(toIndentedJson(body)).replaceAll('\n', '\n  ');
  return [head, `  ${json}`, ...size].join('\n');
}
