import { INTEGRATION_FIELDS, integrationView } from '../../accounts/account-view.ts';
import type { Channel } from '../../channels/channel.ts';
import { CHANNELS, channelNamed, hasApp } from '../../channels/index.ts';
import { type ChannelctlError, usageError } from '../../shared/errors.ts';
import type { Json } from '../../shared/json.ts';
import { storeIntegration } from '../integrations/store-integration.ts';
import { defineCommand } from '../shared/command.ts';
import type { CommandContext } from '../shared/command-context.ts';
import type { CommandResult } from '../shared/command-result.ts';
import { CANNOT_PROMPT } from '../shared/confirm.ts';
import { redirectSetting } from '../shared/sign-in-options.ts';
import { viewOptions } from '../shared/view-options.ts';
import { askForApp, askForChannel, askForRedirect, askForRest, askForStore } from './questions.ts';

const APP_CHANNELS = CHANNELS.filter(hasApp);

export const init = defineCommand({
  name: 'init',
  summary: 'Set up a channel step by step',
  role: 'admin',
  missingProfile: 'created',
  examples: [
    { line: 'init', about: 'Choose a channel and set it up' },
    { line: 'init messenger', about: 'Set up Messenger' },
  ],
  notes:
    'Requires a terminal. In a script, use config set secrets, config set redirect_uri and integrations set instead. Nothing is stored until Meta has accepted the app ID and app secret.',
  result: { fields: INTEGRATION_FIELDS },
  arguments: { '[channel]': `one of ${APP_CHANNELS.map(({ name }) => name).join(', ')}` },
  async run(options, context): Promise<CommandResult> {
    const named =
      options.channel === undefined ? undefined : requireApp(channelNamed(options.channel));
    if (!context.terminal.interactive) throw needsTerminal(named?.name ?? '<channel>');
    const channel = named ?? (await askForChannel(context));
    const target = await askForStore(channel, context);
    const redirect = await askForRedirect(channel, target);
    const { id, secret } = await askForApp(channel, target);
    const rest = await askForRest(channel, target);
    await storeSettings(channel, redirect, target);
    return storeApp(channel, { app_id: id, app_secret: secret, ...rest }, target);
  },
});

function requireApp(channel: Channel): Channel {
  if (hasApp(channel)) return channel;
  throw usageError(`${channel.label} does not need to be set up.`, {
    reason: 'It uses no Meta app; everything is configured per account.',
    hint: `Run: channelctl accounts create --channel ${channel.name} --help`,
  });
}

function needsTerminal(channel: string): ChannelctlError {
  return usageError('channelctl init requires a terminal.', {
    reason: CANNOT_PROMPT,
    hint: `Run: channelctl config set secrets <keychain|file>, then channelctl integrations set ${channel} --config app_id=<id> --config app_secret=env:NAME`,
  });
}

/**
 * Stores the settings. This must happen before the integration is stored, because the settings
 * determine where its secret is stored.
 */
async function storeSettings(
  channel: Channel,
  redirect: string,
  context: CommandContext,
): Promise<void> {
  const { profile, settings } = context;
  const secrets = settings.get('secrets');
  await profile.change((draft) => {
    if (secrets.source === 'profile') draft.settings.secrets = settings.secretStore;
    if (redirect !== redirectSetting(settings, channel)) draft.settings.redirect_uri = redirect;
  });
}

async function storeApp(
  channel: Channel,
  set: Record<string, Json>,
  context: CommandContext,
): Promise<CommandResult> {
  const stored = await storeIntegration(channel.name, { set, unset: [] }, context);
  return {
    data: integrationView(viewOptions(context), channel.name, stored),
    summary: [`${channel.label} is set up.`, '', 'Next:', ...nextSteps(channel, set)].join('\n'),
  };
}

function nextSteps({ name, connectCommand }: Channel, set: Record<string, Json>): string[] {
  const connect = connectCommand?.(set);
  return [
    `  channelctl ${connect ?? `accounts create --channel ${name} --help`}`,
    '  channelctl config set webhook_base_url <base URL of your webhooks>',
    '  channelctl status',
  ];
}
