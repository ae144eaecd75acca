import { Option } from 'commander';
import { graphIdProblem } from '../../channels/channel.ts';
import { type MetaApp, metaApp } from '../../channels/meta-app.ts';
import { connectSignup, exchangeSignupCode } from '../../channels/whatsapp/signup.ts';
import { usageError } from '../../shared/errors.ts';
import type { SignUpAnswer } from '../../signin/sign-up.ts';
import { defineVerb, type Outcome } from '../command.ts';
import type { Deps } from '../deps.ts';
import { givenCode } from '../sign-in-options.ts';
import { givenPin, PIN_OPTION } from './pin-option.ts';
import {
  type BrowserOptions,
  chooseNumber,
  connectedOutcome,
  failedOutcome,
  signUpInBrowser,
} from './signup-browser.ts';

interface Options extends BrowserOptions {
  code?: string;
  wabaId?: string;
  phoneNumberId?: string;
  pin?: string;
  /** False with `--no-register`. */
  register: boolean;
}

export const signup = defineVerb<Options>({
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
    'The page has to be on this machine and HTTPS; where redirect_uri is not set, it is\nhttps://localhost:8976/callback. Its domain has to be among the allowed domains of Facebook Login\nfor Business. A code lives about 30 seconds and works once, so it is exchanged, and the account\nstored, before anything else.',
  result: {
    fields: ['success', 'account_key', 'display_name', 'waba_id', 'phone_number_id'],
  },
  register: (command) =>
    command
      .option('--code <code|->', 'the code that Embedded Signup gave; - reads stdin')
      .option('--waba-id <id>', 'id of the WhatsApp Business Account')
      .option('--phone-number-id <id>', 'id of the phone number')
      .option(PIN_OPTION, 'PIN of two-step verification; made where it is left out')
      .option('--no-register', 'do not register the number')
      .option('--redirect-uri <address>', 'in place of the setting redirect_uri')
      .option('--no-browser', 'print the address of the page to open, and wait')
      .addOption(new Option('--manual').hideHelp())
      .option('--timeout <seconds>', 'how long to wait for the person', '300')
      .option('--extras <json>', "in place of what Facebook's script is given as extras"),
  async run(options, deps) {
    const inBrowser = options.code === undefined && options.wabaId === undefined;
    if (inBrowser) checkId('--phone-number-id', options.phoneNumberId);
    else requireAll(options);
    checkStdin(options);
    const app = await metaApp('whatsapp', deps);
    // The code works once: whether the token can be kept has to be known before it is spent.
    await deps.profile.probe();
    const pin = options.pin === undefined ? null : await givenPin(options.pin, deps);
    const signedUp = inBrowser
      ? await signUpInBrowser(options, app, deps)
      : await signedUpElsewhere(options, deps);
    try {
      return await connect(signedUp, app, { ...options, pin }, deps);
    } catch (error) {
      await signedUp.report(failedOutcome(error, deps));
      throw error;
    }
  },
});

async function connect(
  signedUp: SignUpAnswer,
  app: MetaApp,
  wishes: { phoneNumberId?: string; pin: string | null; register: boolean },
  deps: Deps,
): Promise<Outcome> {
  const { code, wabaId, staysInPhoneApp } = signedUp;
  const world = { ...deps, divisionId: deps.settings.value('division_id') };
  const progress = deps.terminal.progress('Connecting the number');
  try {
    const credentials = await exchangeSignupCode(code, app, world);
    progress.stop();
    const phoneNumberId = await chooseNumber(signedUp, wishes.phoneNumberId, credentials, deps);
    progress.update('Connecting the number');
    const register = wishes.register && !staysInPhoneApp;
    const account = await connectSignup(
      { wabaId, phoneNumberId, pin: wishes.pin, register },
      credentials,
      world,
    );
    const { account_key, display_name } = account;
    deps.afterwards(signedUp.report(connectedOutcome(account, wabaId)));
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
async function signedUpElsewhere(options: Options, deps: Deps): Promise<SignUpAnswer> {
  const { code, wabaId, phoneNumberId } = requireAll(options);
  return {
    code: await givenCode(code, deps),
    wabaId,
    phoneNumberId,
    staysInPhoneApp: false,
    report: async () => {},
  };
}

type Given = Required<Pick<Options, 'code' | 'wabaId' | 'phoneNumberId'>>;

function requireAll({ code, wabaId, phoneNumberId }: Options): Given {
  if (code === undefined || wabaId === undefined || phoneNumberId === undefined) {
    const missing = [
      code === undefined ? '--code' : null,
      wabaId === undefined ? '--waba-id' : null,
      phoneNumberId === undefined ? '--phone-number-id' : null,
    ].filter((flag) => flag !== null);
    throw usageError(
      `Missing: ${missing.join(', ')}.`,
      'Embedded Signup gives all three: the code, and the ids of the WABA and the number.',
      `Pass ${missing.map((flag) => `${flag} …`).join(' ')}`,
    );
  }
  checkId('--waba-id', wabaId);
  checkId('--phone-number-id', phoneNumberId);
  return { code, wabaId, phoneNumberId };
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
