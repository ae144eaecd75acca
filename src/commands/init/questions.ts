import { secretVariable } from '../../accounts/secrets.ts';
import type { Channel } from '../../channels/channel.ts';
import { CHANNELS, channelNamed, hasApp } from '../../channels/index.ts';
import { checkApp } from '../../channels/meta/inspect-token.ts';
import { checkSetting } from '../../profile/settings.ts';
import { ChannelctlError, usageError } from '../../shared/errors.ts';
import { sanitize } from '../../shared/redactor.ts';
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

/** Returns the context with the chosen store, which is usable. */
export async function askForStore(
  channel: Channel,
  context: CommandContext,
): Promise<CommandContext> {
  const { settings, terminal, env, profile } = context;
  if (settings.get('secrets').source === 'env') {
    await profile.assertWritable();
    if (settings.secretStore === 'env') throw noStore(channel, env);
    terminal.print(`Secrets are kept in: ${settings.secretStore} (CHANNELCTL_SECRETS).`);
    return context;
  }
  let choices = [
    { value: 'keychain', label: 'keychain', note: 'the keychain of this system' },
    { value: 'file', label: 'file', note: 'encrypted with CHANNELCTL_PASSPHRASE' },
  ];
  // Each store is tried once: the program can't provide a missing one.
  for (;;) {
    const secrets = await terminal.chooseOne('Where are secrets to be kept?', choices);
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
  return usageError('There is nowhere to keep the app secret.', {
    reason: `CHANNELCTL_SECRETS=${env.CHANNELCTL_SECRETS} keeps no secrets.`,
    hint: `Set CHANNELCTL_SECRETS to keychain or file, or give secrets in variables such as ${variable}.`,
  });
}

export async function askForRedirect(
  channel: Channel,
  { settings, terminal }: CommandContext,
): Promise<string> {
  const initial = redirectSetting(settings, channel);
  terminal.print('');
  terminal.print("After a sign-in Meta sends the browser back to this machine's redirect address.");
  terminal.print(
    channel.defaultRedirect?.startsWith('http:') === true
      ? 'An app in development mode accepts any http://localhost address; a live one only HTTPS\naddresses that it lists under Valid OAuth redirect URIs, character by character.'
      : 'It has to be an HTTPS address, and to be listed in the settings of the app at Meta,\ncharacter by character.',
  );
  for (;;) {
    const address = (await terminal.askText('Redirect address', { initial })).trim();
    try {
      checkSetting('redirect_uri', address);
      return address;
    } catch (error) {
      if (!(error instanceof ChannelctlError)) throw error;
      terminal.print(error.description);
    }
  }
}

/**
 * Asks until Meta accepts the app, or the user decides to store it although Meta is unreachable.
 */
export async function askForApp(channel: Channel, context: CommandContext): Promise<App> {
  const { terminal, redactor } = context;
  const [id, secret] = channel.integrationKeys;
  terminal.print('');
  terminal.print('Both stand under App settings → Basic at developers.facebook.com.');
  for (;;) {
    const app = {
      id: await askUntilGiven(id?.label ?? 'app_id', false, context),
      secret: await askUntilGiven(secret?.label ?? 'app_secret', true, context),
    };
    redactor.add(app.secret);
    if (!channel.usesMetaApp) return app;
    const appCheck = await withProgress(terminal, 'Asking Meta', async () =>
      checkApp(await context.graph(), app, (text) => sanitize(text, redactor)),
    );
    if (appCheck.works === true) {
      terminal.print(`Meta knows the app: ${appCheck.name ?? app.id}.`);
      return app;
    }
    const refused = appCheck.works === false;
    printLines(
      context,
      refused ? 'Meta refuses them.' : 'Meta could not be asked.',
      appCheck.message,
      `${appCheck.hint}.`,
    );
    if (!refused && (await terminal.confirm('Keep them all the same?'))) return app;
  }
}

/** Asks for the other settings of the channel's app; an empty answer omits one. */
export async function askForRest({ integrationKeys }: Channel, { terminal }: CommandContext) {
  const answers = new Map<string, string>();
  for (const { name, label } of integrationKeys.slice(2)) {
    const answer = (await terminal.askText(label, {})).trim();
    if (answer !== '') answers.set(name, answer);
  }
  return Object.fromEntries(answers);
}

async function askUntilGiven(
  label: string,
  secret: boolean,
  { terminal }: CommandContext,
): Promise<string> {
  for (;;) {
    const answer = (await terminal.askText(label, { secret })).trim();
    if (answer !== '') return answer;
  }
}

function printLines({ terminal }: CommandContext, ...lines: string[]): void {
  terminal.print('');
  for (const line of lines) terminal.print(stripControlCharacters(line));
}
