import type { SignUpAnswer } from '../../auth/embedded-signup/signup.ts';
import { graphIdProblem } from '../../channels/channel.ts';
import { type MetaApp, metaApp } from '../../channels/meta/app.ts';
import { pinInVariable } from '../../channels/whatsapp/pin.ts';
import {
  connectSignup,
  exchangeSignupCode,
  signupOwner,
  storedSignupToken,
  storeSignupToken,
} from '../../channels/whatsapp/signup.ts';
import { usageError } from '../../shared/errors.ts';
import { type CommandResult, defineCommand } from '../shared/command.ts';
import type { CommandContext } from '../shared/command-context.ts';
import type { OptionsOf } from '../shared/options.ts';
import { givenCode } from '../shared/sign-in-options.ts';
import { PIN_OPTION, readPinOption } from './pin-option.ts';
import {
  BROWSER_OPTIONS,
  chooseNumber,
  connectedOutcome,
  failedOutcome,
  signUpInBrowser,
} from './signup-browser.ts';

const OPTIONS = {
  '--code <code|->': 'the code that Embedded Signup gave; - reads stdin',
  '--waba-id <id>': 'id of the WhatsApp Business Account',
  '--phone-number-id <id>': 'id of the phone number',
  [PIN_OPTION]: 'PIN of two-step verification; made where it is left out',
  '--no-register': 'do not register the number',
  ...BROWSER_OPTIONS,
} as const;

type Options = OptionsOf<typeof OPTIONS>;

export const signup = defineCommand({
  name: 'signup',
  summary: 'Connect a number through Embedded Signup',
  role: 'admin',
  examples: [
    { line: 'whatsapp signup', about: 'Sign up in the browser' },
    { line: 'whatsapp signup --no-browser', about: 'Print the address of the page, and wait' },
    {
      line: 'whatsapp signup --code - --waba-id 1046 --phone-number-id 1045',
      about: 'With a code from your own sign-up page, read from stdin',
    },
    {
      line: 'whatsapp signup --code - --waba-id 1046 --phone-number-id 1045 --no-register',
      about: "A number that stays in the phone's app",
    },
  ],
  notes:
    "The page has to be on this machine and HTTPS; where redirect_uri is not set, it is\nhttps://localhost:8976/callback. Its domain has to be among the allowed domains of Facebook Login\nfor Business. There is no --manual here: Facebook hands code and ids to the page's script, and no\naddress that could be pasted holds them. A code lives about 30 seconds and works once, so it is\nexchanged, and the account stored, before anything else. Where no number was chosen then, --waba-id\nand --phone-number-id without --code go on with the token that was kept.",
  result: {
    fields: ['success', 'account_key', 'display_name', 'waba_id', 'phone_number_id'],
  },
  options: OPTIONS,
  async run(options, context) {
    const given =
      options.code === undefined && options.wabaId === undefined
        ? null
        : await givenSignup(options, context);
    checkId('--phone-number-id', options.phoneNumberId);
    checkStdin(options);
    const app = await metaApp('whatsapp', context, given === null);
    // The code works once: whether the token can be kept has to be known before it is spent.
    await context.profile.assertWritable();
    const pin = options.pin === undefined ? null : await readPinOption(options.pin, context);
    if (given !== null && pin === null && options.register) {
      pinInVariable(context.env, signupOwner(given.phoneNumberId));
    }
    const signedUp =
      given === null
        ? await signUpInBrowser(options, app, context)
        : await signedUpElsewhere(given, context);
    try {
      return await connect(signedUp, app, { ...options, pin }, context);
    } catch (error) {
      await signedUp.report(failedOutcome(error, context));
      throw error;
    }
  },
});

/** What a sign-up brought: a code, or the token that an earlier run got for it. */
type SignedUp = Omit<SignUpAnswer, 'code'> & ({ code: string } | { token: string });

async function connect(
  signedUp: SignedUp,
  app: MetaApp,
  wishes: { phoneNumberId?: string; pin: string | null; register: boolean },
  context: CommandContext,
): Promise<CommandResult> {
  const { wabaId, staysInPhoneApp } = signedUp;
  const world = { ...context, divisionId: context.settings.value('division_id') };
  const register = wishes.register && !staysInPhoneApp;
  const progress = context.terminal.progress('Connecting the number');
  try {
    const credentials =
      'token' in signedUp
        ? { token: signedUp.token, appSecret: app.secret }
        : await exchangeSignupCode(signedUp.code, app, world);
    progress.stop();
    if (signedUp.phoneNumberId === null)
      await storeSignupToken(wabaId, credentials, context.profile);
    const wanted = { phoneNumberId: wishes.phoneNumberId, register };
    const phoneNumberId = await chooseNumber(signedUp, wanted, credentials, context);
    progress.update('Connecting the number');
    const account = await connectSignup(
      { wabaId, phoneNumberId, pin: wishes.pin, register },
      credentials,
      world,
    );
    const { account_key, display_name } = account;
    context.onExit(signedUp.report(connectedOutcome(account, wabaId)));
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
  } finally {
    progress.stop();
  }
}

/** A sign-up whose code and ids stand on the command line: no browser waits for the outcome. */
async function signedUpElsewhere(given: Given, context: CommandContext): Promise<SignedUp> {
  const { wabaId, phoneNumberId } = given;
  const ids = { wabaId, phoneNumberId, staysInPhoneApp: false, report: async () => {} };
  if ('token' in given) return { ...ids, token: given.token };
  return { ...ids, code: await givenCode(given.code, context) };
}

type Given = { wabaId: string; phoneNumberId: string } & ({ code: string } | { token: string });

/** What stands on the command line. In place of a code there may be a token that was kept for it. */
async function givenSignup(
  { code, wabaId, phoneNumberId }: Options,
  context: CommandContext,
): Promise<Given> {
  checkId('--waba-id', wabaId);
  const token = code === undefined ? await storedSignupToken(wabaId ?? '', context) : null;
  const grant = code === undefined ? token !== null && { token } : { code };
  if (grant !== false && wabaId !== undefined && phoneNumberId !== undefined) {
    return { ...grant, wabaId, phoneNumberId };
  }
  const missing = [
    grant === false ? '--code' : null,
    wabaId === undefined ? '--waba-id' : null,
    phoneNumberId === undefined ? '--phone-number-id' : null,
  ].filter((flag) => flag !== null);
  throw usageError(
    `Missing: ${missing.join(', ')}.`,
    'Embedded Signup gives all three: the code, and the ids of the WABA and the number.',
    `Pass ${missing.map((flag) => `${flag} …`).join(' ')}`,
  );
}

function checkId(flag: string, id: string | undefined): void {
  const problem = id === undefined ? undefined : graphIdProblem(id);
  if (problem === undefined) return;
  throw usageError(
    `${flag} can't be used.`,
    `${JSON.stringify(id)} ${problem}.`,
    'Pass the id that Embedded Signup gave.',
  );
}

function checkStdin({ code, pin }: Options): void {
  if (code !== '-' || pin !== '-') return;
  throw usageError(
    "--pin can't read stdin.",
    '--code reads it already.',
    'Give one of them another way: --pin @file or --pin env:NAME.',
  );
}
