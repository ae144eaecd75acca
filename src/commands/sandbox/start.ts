import type { SandboxDescription } from '../../sandbox/types.ts';
import { fieldsIn } from '../../ui/output/fields.ts';
import { defineCommand } from '../shared/command.ts';
import type { CommandContext } from '../shared/command-context.ts';
import { readFileOrStdin } from '../shared/config-options.ts';
import { parsePort } from '../shared/option-values.ts';

/**
 * The limitations of the sandbox, for its help: a call that succeeds here may still fail at Meta
 * because of them.
 */
const LIMITATIONS: readonly string[] = [
  'App review, access levels and the roles of people on an app in development mode',
  'Business verification, two-factor authentication and policy blocks',
  'Rate limits, save for the ten Messenger profile calls of a Page in ten minutes, the ten register calls of a number in 72 hours and too many wrong PINs',
  'Differences between Graph versions: every well-formed version gets the same answers',
  'Revoking: tokens end only by expiring, codes only by being used or expiring',
  'Batch requests, multipart bodies, field expansion, and fields that channelctl never asks for',
  'Sending webhooks: a subscription is remembered, nothing is delivered; the handshake goes to addresses on this machine only',
  'Who owns a WABA, a number or an Instagram profile: everybody who signs in may choose any of the seed',
];

export const start = defineCommand({
  name: 'start',
  summary: 'Start a local stand-in for Meta',
  role: 'none',
  toleratesCorruptState: true,
  examples: [
    { line: 'sandbox start', about: 'Prints what to paste into another terminal' },
    {
      line: 'sandbox start --port 0 --json',
      about: 'On a free port; one line of JSON for a script',
    },
    { line: 'sandbox start --seed seed.yaml', about: 'With people, Pages and numbers of your own' },
  ],
  notes: `Ctrl-C ends it with exit code 0. Its state is in memory and is then lost; its tokens are valid only here.\nA seed defines its initial data: the README has an example with all parts, under "A seed for the sandbox".\nIt does not imitate:\n${LIMITATIONS.map((line) => `  - ${line}`).join('\n')}`,
  result: {
    fields: [
      'graph_url',
      'facebook_url',
      'instagram_url',
      'instagram_api_url',
      'instagram_graph_url',
      'facebook_sdk_url',
      'app_id',
      'app_secret',
      'instagram_app_id',
      'instagram_app_secret',
      'waba_id',
      'phone_number_id',
      'business_token',
      'pin',
      ...fieldsIn('pages', ['id', 'name', 'access_token']),
    ],
    jsonOnOneLine: true,
  },
  options: {
    '--port <number>': { description: 'port to listen on; 0 takes a free one', default: '8977' },
    '--seed <file|->': 'what to begin with, as JSON or YAML',
  },
  async run(options, context) {
    const port = parsePort(options.port);
    const [{ startSandbox }, { parseSeed }] = await Promise.all([
      import('../../sandbox/start.ts'),
      import('../../sandbox/seed/seed.ts'),
    ]);
    const text = options.seed === undefined ? '{}' : await seedText(options.seed, context);
    const sandbox = await startSandbox({ port, seed: parseSeed(text) });
    const interrupted = new Promise<void>((resolve) => {
      context.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    context.onExit(interrupted.then(() => sandbox.close()));
    context.terminal.hint('The sandbox is running. Ctrl-C ends it.');
    return { data: sandbox.description, summary: formatExports(sandbox.description) };
  },
});

function seedText(path: string, { terminal }: CommandContext): Promise<string> {
  return readFileOrStdin('--seed', path, { terminal });
}

/** Shell commands that export the URLs for channelctl, and the seed's IDs and secrets. */
function formatExports({ pages, ...values }: SandboxDescription): string {
  const variables = Object.entries(values).map(([key, value]): [string, string] => [
    `${key.endsWith('_url') ? 'CHANNELCTL' : 'SANDBOX'}_${key.toUpperCase()}`,
    value,
  ]);
  const [page] = pages;
  if (page !== undefined) {
    variables.push(['SANDBOX_PAGE_ID', page.id], ['SANDBOX_PAGE_TOKEN', page.access_token]);
  }
  return variables.map(([name, value]) => `export ${name}=${shellQuote(value)}`).join('\n');
}

/** Quotes for POSIX shells: a secret of a seed can have any character. */
function shellQuote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
