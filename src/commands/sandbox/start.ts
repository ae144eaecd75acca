import { defineCommand } from '../shared/command.ts';
import type { CommandContext } from '../shared/command-context.ts';
import { readFileOrStdin } from '../shared/config-options.ts';
import { parsePort } from '../shared/option-values.ts';
import {
  connectCommand,
  DEFAULT_PORT,
  DESCRIPTION_FIELDS,
  defaultShell,
  formatVariables,
  SHELL_OPTION,
} from './variables.ts';

/**
 * The help lists the limitations, because a call that succeeds in the sandbox can still fail at
 * Meta.
 */
const LIMITATIONS: readonly string[] = [
  'App review, access levels, and app roles in development mode',
  'Business verification, two-factor authentication and policy blocks',
  'Rate limits, except those of an app or a business portfolio in the seed (calls_per_hour, usage), those on Messenger profile calls (10 per Page every 10 minutes), register calls (10 per number every 72 hours) and wrong PINs',
  'Differences between Graph API versions: all versions return the same responses',
  'Revocation: tokens stay valid until they expire, codes until they are used or expire',
  'Batch requests with names, dependencies or files, multipart bodies, field expansion, and fields that channelctl does not request',
  'Webhook delivery: subscriptions are stored, but no webhooks are sent; only webhook URLs on this machine are verified',
  'Ownership: every user can choose any WABA, phone number or Instagram account in the seed',
];

export const start = defineCommand({
  name: 'start',
  summary: 'Start a local sandbox that imitates Meta',
  role: 'none',
  toleratesCorruptState: true,
  examples: [
    { line: 'sandbox start', about: 'Print the variables to paste into another terminal' },
    {
      line: 'sandbox start --port 0 --json',
      about: 'Use a free port and print one line of JSON for a script',
    },
    {
      line: 'sandbox start --seed seed.yaml',
      about: 'Start with your own users, Pages and numbers',
    },
  ],
  notes: `Ctrl-C stops the sandbox with exit code 0. Its state exists only in memory, and its tokens work only with this sandbox.\nA seed defines its initial data; for an example with every key, see "A seed for the sandbox" in the README.\n\nThe sandbox does not imitate:\n${LIMITATIONS.map((line) => `  - ${line}`).join('\n')}`,
  result: {
    fields: DESCRIPTION_FIELDS,
    jsonOnOneLine: true,
    isVerbatim: true,
  },
  options: {
    '--port <number>': {
      description: 'port to listen on; 0 selects a free port',
      default: DEFAULT_PORT,
    },
    '--seed <file|->': 'initial data, as YAML or JSON',
    '--shell <shell>': SHELL_OPTION,
  },
  async run(options, context) {
    const port = parsePort(options.port);
    const [{ startSandbox }, { parseSeed }] = await Promise.all([
      import('../../sandbox/start.ts'),
      import('../../sandbox/seed/seed.ts'),
    ]);
    const text = options.seed === undefined ? '{}' : await seedText(options.seed, context);
    const sandbox = await startSandbox({
      port,
      seed: parseSeed(text),
      onTls: () => {
        context.warn(
          'A client used HTTPS, but the sandbox accepts only plain HTTP.',
          'Use the URLs that it printed, which begin with http://.',
        );
      },
    });
    const interrupted = new Promise<void>((resolve) => {
      // The signal may have been aborted while the sandbox was starting.
      if (context.signal.aborted) resolve();
      context.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    context.onExit(interrupted.then(() => sandbox.close()));
    const shell = options.shell ?? defaultShell(context.env);
    context.terminal.hint('The sandbox is running. Press Ctrl-C to stop it.');
    context.terminal.hint(
      `To use it in another terminal, paste the lines below there, or run: ${connectCommand(shell, sandbox.port)}`,
    );
    return { data: sandbox.description, summary: formatVariables(sandbox.description, shell) };
  },
});

function seedText(path: string, { terminal }: CommandContext): Promise<string> {
  return readFileOrStdin('--seed', path, { terminal });
}
