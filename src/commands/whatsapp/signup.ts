import type { CompletedSignup } from '../../auth/embedded-signup/signup.ts';
import { graphIdProblem, type NewToken } from '../../channels/channel.ts';
import { loadMetaApp, type MetaApp } from '../../channels/meta/app.ts';
import { isPortfolioError } from '../../channels/whatsapp/membership.ts';
import { pinInVariable } from '../../channels/whatsapp/pin.ts';
import { staysInBusinessApp } from '../../channels/whatsapp/registration.ts';
import {
  connectSignup,
  exchangeSignupCode,
  readSignupToken,
  signupOwner,
  storeSignupToken,
} from '../../channels/whatsapp/signup.ts';
import { usageError } from '../../shared/errors.ts';
import { defineCommand } from '../shared/command.ts';
import type { CommandContext } from '../shared/command-context.ts';
import type { CommandResult } from '../shared/command-result.ts';
import { confirm } from '../shared/confirm.ts';
import type { OptionsOf } from '../shared/options.ts';
import { withProgress } from '../shared/progress.ts';
import { readCode } from '../shared/sign-in-options.ts';
import { PIN_OPTION, readPinOption } from './pin-option.ts';
import {
  BROWSER_OPTIONS,
  choosePhoneNumber,
  connectedView,
  failedView,
  runSignupInBrowser,
} from './signup-browser.ts';

const OPTIONS = {
  '--code <code|->': 'code from Embedded Signup (- reads stdin)',
  '--waba-id <id>': 'WhatsApp Business Account ID',
  '--phone-number-id <id>': 'phone number ID',
  [PIN_OPTION]: 'two-step verification PIN (generated if omitted)',
  '--no-register': 'do not register the number',
  ...BROWSER_OPTIONS,
} as const;

type Options = OptionsOf<typeof OPTIONS>;

export const signup = defineCommand({
  name: 'signup',
  summary: 'Connect a number through Embedded Signup',
  role: 'admin',
  missingProfile: 'created',
  examples: [
    { line: 'whatsapp signup', about: 'Sign up with a browser' },
    {
      line: 'whatsapp signup --no-browser',
      about: 'Print the URL of the sign-up page instead of opening it',
    },
    {
      line: 'whatsapp signup --code - --waba-id 1046 --phone-number-id 1045',
      about: 'With a code from your own sign-up page, read from stdin',
    },
    {
      line: 'whatsapp signup --code - --waba-id 1046 --phone-number-id 1045 --no-register',
      about: 'A number that stays in the WhatsApp Business app',
    },
  ],
  notes:
    'The sign-up page must be on this machine and use HTTPS; if redirect_uri is not set, it is https://localhost:8976/callback. Add its domain to the allowed domains of Facebook Login for Business. --manual is not supported, because Facebook passes the code and the IDs to a script of the page, not in a URL that you could paste. A code expires after about 30 seconds and works once, so it is exchanged, and the account stored, before anything else. If no number was chosen, run the command again with --waba-id and --phone-number-id but without --code; it continues with the stored token.',
  result: {
    fields: ['success', 'account_key', 'display_name', 'waba_id', 'phone_number_id'],
  },
  options: OPTIONS,
  async run(options, context) {
    const given =
      options.code === undefined && options.wabaId === undefined
        ? null
        : await signupFromOptions(options, context);
    checkId('--phone-number-id', options.phoneNumberId);
    checkStdin(options);
    const app = await loadMetaApp('whatsapp', context, given === null);
    // The code works only once, so make sure that the token can be stored before exchanging the
    // code.
    await context.profile.assertWritable();
    const pin = options.pin === undefined ? null : await readPinOption(options.pin, context);
    if (given !== null && pin === null && options.register) {
      pinInVariable(context.env, signupOwner(given.phoneNumberId));
    }
    const signup =
      given === null
        ? await runSignupInBrowser(options, app, context)
        : { ...(await withCode(given, context)), ...WITHOUT_BROWSER };
    try {
      return await connect(signup, app, { ...options, pin }, context);
    } catch (error) {
      await signup.showResult(failedView(error, context));
      throw error;
    }
  },
});

type Grant = { code: string } | NewToken;

type GivenSignup = { wabaId: string; phoneNumberId: string } & Grant;

const WITHOUT_BROWSER = { wabaIds: [], isBusinessAppNumber: false, showResult: async () => {} };

async function connect(
  signup: Omit<CompletedSignup, 'code'> & Grant,
  app: MetaApp,
  options: { phoneNumberId?: string; pin: string | null; register: boolean },
  context: CommandContext,
): Promise<CommandResult> {
  const signupContext = { ...context, divisionId: context.settings.value('division_id') };
  const isInBusinessApp = signup.isBusinessAppNumber;
  const register = options.register && !isInBusinessApp;
  const text = 'Connecting the number';
  const credentials = await withProgress(context.terminal, text, async () =>
    'token' in signup
      ? { token: signup.token, expiresAt: signup.expiresAt, appSecret: app.secret }
      : exchangeSignupCode(signup.code, app, signupContext),
  );
  const resolve = async () => {
    const { resolveWaba } = await import('./signup-waba.ts');
    return resolveWaba(signup, app, credentials, context);
  };
  const request = { requestedId: options.phoneNumberId, register };
  const choose = async (wabaId: string) => {
    if (signup.phoneNumberId === null) await storeSignupToken(wabaId, credentials, context.profile);
    const ids = { wabaId, phoneNumberId: signup.phoneNumberId };
    const phoneNumberId = await choosePhoneNumber(ids, request, credentials, context);
    return { wabaId, phoneNumberId };
  };
  const { wabaId, phoneNumberId } = await choose(signup.wabaId ?? (await resolve())).catch(
    async (error) => {
      if (!isPortfolioError(error)) throw error;
      return choose(await resolve());
    },
  );
  const account = await withProgress(context.terminal, text, (progress) => {
    const confirmed = (question: string) => {
      progress.stop();
      return confirm(context, question);
    };
    const connection = { wabaId, phoneNumberId, pin: options.pin, register, isInBusinessApp };
    return connectSignup(connection, credentials, {
      ...signupContext,
      confirm: confirmed,
      async findWaba() {
        const { findWaba } = await import('./signup-waba.ts');
        return findWaba(phoneNumberId, app, credentials, context);
      },
    });
  });
  const { account_key, display_name } = account;
  context.onExit(signup.showResult(connectedView(account, wabaId)));
  if (staysInBusinessApp(account.config)) warnAboutSync(account_key, phoneNumberId, context);
  return {
    data: {
      success: true,
      account_key,
      display_name,
      waba_id: wabaId,
      phone_number_id: phoneNumberId,
    },
    summary: `Connected ${display_name ?? 'the number'} as whatsapp/${account_key}.`,
  };
}

/** Each synchronization can start only once (Meta, "Onboarding WhatsApp Business app users"). */
function warnAboutSync(accountKey: string, phoneNumberId: string, context: CommandContext): void {
  const start = (type: string) =>
    `channelctl api POST ${phoneNumberId}/smb_app_data --account whatsapp/${accountKey} -f messaging_product=whatsapp -f sync_type=${type}`;
  context.warn(
    'The number stays in the WhatsApp Business app, so it was not registered. Its contacts and history can be synchronized only within 24 hours.',
    `Start each synchronization, which is possible only once: ${start('smb_app_state_sync')}, then ${start('history')}`,
  );
}

async function withCode(given: GivenSignup, context: CommandContext): Promise<GivenSignup> {
  return 'token' in given ? given : { ...given, code: await readCode(given.code, context) };
}

async function signupFromOptions(
  { code, wabaId, phoneNumberId }: Options,
  context: CommandContext,
): Promise<GivenSignup> {
  checkId('--waba-id', wabaId);
  const token = code === undefined ? await readSignupToken(wabaId ?? '', context) : null;
  const grant = code === undefined ? (token ?? false) : { code };
  if (grant !== false && wabaId !== undefined && phoneNumberId !== undefined) {
    return { ...grant, wabaId, phoneNumberId };
  }
  const missing = [
    grant === false ? '--code' : null,
    wabaId === undefined ? '--waba-id' : null,
    phoneNumberId === undefined ? '--phone-number-id' : null,
  ].filter((flag) => flag !== null);
  throw usageError(`Missing: ${missing.join(', ')}.`, {
    reason: 'Embedded Signup returns all three: the code, the WABA ID and the phone number ID.',
    hint: `Pass ${missing.map((flag) => `${flag} …`).join(' ')}`,
  });
}

function checkId(flag: string, id: string | undefined): void {
  const problem = id === undefined ? undefined : graphIdProblem(id);
  if (problem === undefined) return;
  throw usageError(`Invalid value for ${flag}: ${JSON.stringify(id)} ${problem}.`, {
    hint: 'Pass the ID that Embedded Signup returned.',
  });
}

function checkStdin({ code, pin }: Options): void {
  if (code !== '-' || pin !== '-') return;
  throw usageError('--code and --pin cannot both read stdin.', {
    hint: 'Pass the PIN another way: --pin @file or --pin env:NAME.',
  });
}
