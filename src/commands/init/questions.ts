import type { KnownKey } from '../../accounts/config.ts';
import { secretVariable } from '../../accounts/secrets.ts';
import type { Channel } from '../../channels/channel.ts';
import { CHANNELS, channelNamed, hasApp } from '../../channels/index.ts';
import { checkApp } from '../../channels/meta/inspect-token.ts';
import { checkSetting } from '../../profile/settings.ts';
import { ChannelctlError, usageError } from '../../shared/errors.ts';
import { sanitize } from '../../shared/foreign/sanitize.ts';
import { isSecretKey } from '../../shared/secrets.ts';
import { stripControlCharacters } from '../../shared/text.ts';
import type { CommandContext } from '../shared/command-context.ts';
import { withProgress } from '../shared/progress.ts';
import { redirectSetting } from '../shared/sign-in-options.ts';

export interface App {
  id: string;
  secret: string;
}

export async function askForChannel({ terminal }: CommandContext): Promise<Channel> {
  const choices = CHANNELS.filter(hasApp);
  const name = await terminal.chooseOne(
    'Which channel?',
    choices.map(({ name: value, label }) => ({ value, label })),
  );
  return channelNamed(name);
}

/**
 * Asks for a secret store, unless CHANNELCTL_SECRETS selects one. Checks that the store is
 * writable, and returns a context that uses it.
 */
export async function askForStore(
  channel: Channel,
  context: CommandContext,
): Promise<CommandContext> {
  const { settings, terminal, env, profile } = context;
  if (settings.get('secrets').source === 'env') {
    await profile.assertWritable();
    if (settings.secretStore === 'env') throw noStore(channel, env);
    terminal.print(`Secret store: ${settings.secretStore} (CHANNELCTL_SECRETS).`);
    return context;
  }
  let choices = [
    { value: 'keychain', label: 'keychain', note: 'the system keychain' },
    { value: 'file', label: 'file', note: 'a file encrypted with a passphrase' },
  ];
  // A store that cannot be used is not offered again.
  for (;;) {
    const secrets = await terminal.chooseOne('Where should secrets be stored?', choices);
    const stored = (await profile.read()).settings;
    const target = context.underSettings({ ...stored, secrets });
    try {
      await target.profile.assertWritable();
      return target;
    } catch (error) {
      if (!(error instanceof ChannelctlError) || error.kind !== 'storage') throw error;
      choices = choices.filter(({ value }) => value !== secrets);
      if (choices.length === 0) throw error;
      printLines(context, error.message, error.reason, error.hint);
    }
  }
}

function noStore(channel: Channel, env: CommandContext['env']): ChannelctlError {
  const variable = secretVariable({ channel: channel.name }, 'app_secret');
  return usageError('The app secret cannot be stored.', {
    reason: `CHANNELCTL_SECRETS=${env.CHANNELCTL_SECRETS} stores no secrets.`,
    hint: `Set CHANNELCTL_SECRETS to keychain or file, or pass secrets in variables such as ${variable}.`,
  });
}

export async function askForRedirect(
  channel: Channel,
  { settings, terminal }: CommandContext,
): Promise<string> {
  const initial = redirectSetting(settings, channel);
  terminal.print('');
  terminal.print('After sign-in, Meta redirects the browser to a URI on this machine.');
  terminal.print(
    channel.defaultRedirect?.startsWith('http:') === true
      ? 'An app in development mode accepts any http://localhost URI. A live app accepts only HTTPS\nURIs that exactly match one of its valid OAuth redirect URIs.'
      : 'It must be an HTTPS URI that exactly matches one in the settings of the app at Meta.',
  );
  for (;;) {
    const uri = (await terminal.askText('Redirect URI', { initial })).trim();
    try {
      checkSetting('redirect_uri', uri);
      return uri;
    } catch (error) {
      if (!(error instanceof ChannelctlError)) throw error;
      terminal.print(error.description);
    }
  }
}

/**
 * Asks for the app ID and secret. For a Meta app, asks again until Meta accepts them or, if they
 * cannot be checked, until the user decides to store them anyway.
 */
export async function askForApp(channel: Channel, context: CommandContext): Promise<App> {
  const { terminal, redactor } = context;
  const keyOf = (name: string) =>
    channel.integrationKeys.find((key) => key.name === name) ?? { name, label: name };
  terminal.print('');
  terminal.print(
    channel.usesMetaApp
      ? 'Find the app ID and app secret under App settings → Basic at developers.facebook.com.'
      : `Find the ${channel.label} app ID and app secret in the ${channel.label} settings of the app at developers.facebook.com.`,
  );
  for (;;) {
    const app = {
      channel: channel.name,
      id: await askUntilValid(keyOf('app_id'), context, true),
      secret: await askUntilValid(keyOf('app_secret'), context, true),
    };
    if (!channel.usesMetaApp) return app;
    const appCheck = await withProgress(terminal, 'Checking the app with Meta', async () =>
      checkApp(await context.graph(), app, (text) => sanitize(text, redactor)),
    );
    if (appCheck.works === true) {
      terminal.print(`Meta accepted the app: ${appCheck.name ?? app.id}.`);
      return app;
    }
    const refused = appCheck.works === false;
    printLines(
      context,
      refused
        ? 'Meta rejected the app ID or app secret.'
        : 'The app could not be checked with Meta.',
      appCheck.message,
      `${appCheck.hint}.`,
    );
    if (!refused && (await terminal.confirm('Store them anyway?'))) return app;
  }
}

export async function askForRest({ integrationKeys }: Channel, context: CommandContext) {
  const answers = new Map<string, string>();
  for (const key of integrationKeys.slice(2)) {
    const answer = await askUntilValid(key, context, false);
    if (answer !== '') answers.set(key.name, answer);
  }
  return Object.fromEntries(answers);
}

/** Asks for a value until it is valid. An empty answer is valid unless a value is required. */
async function askUntilValid(
  { name, label, problem }: KnownKey,
  { terminal, redactor }: CommandContext,
  isRequired: boolean,
): Promise<string> {
  const secret = isSecretKey(name);
  for (;;) {
    const answer = (await terminal.askText(label, { secret })).trim();
    if (secret) redactor.add(answer);
    const issue = answer === '' ? undefined : problem?.(answer);
    if (issue !== undefined) terminal.print(`The value ${issue}.`);
    else if (answer !== '' || !isRequired) return answer;
  }
}

function printLines({ terminal }: CommandContext, ...lines: string[]): void {
  terminal.print('');
  for (const line of lines.filter((one) => one !== '')) {
    terminal.print(stripControlCharacters(line));
  }
}
