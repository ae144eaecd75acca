import { defineCommand } from '../shared/command.ts';
import { parsePort } from '../shared/option-values.ts';
import {
  DEFAULT_PORT,
  DESCRIPTION_FIELDS,
  defaultShell,
  formatVariables,
  SHELL_OPTION,
} from './variables.ts';

export const env = defineCommand({
  name: 'env',
  summary: 'Print the variables of a running sandbox',
  role: 'none',
  examples: [
    { line: 'sandbox env', about: 'In sh, bash or zsh: eval "$(channelctl sandbox env)"' },
    {
      line: 'sandbox env --shell fish | source',
      about: 'Set the variables in fish',
    },
    {
      line: 'sandbox env --shell powershell | Out-String | Invoke-Expression',
      about: 'Set the variables in PowerShell',
    },
  ],
  notes:
    'Prints the same lines as sandbox start, for a sandbox that is running on this machine, and exits with 3 if none is. Ignores the setting output, so that a shell can evaluate the result.',
  result: { fields: DESCRIPTION_FIELDS, jsonOnOneLine: true },
  options: {
    '--port <number>': { description: 'port of the sandbox', default: DEFAULT_PORT },
    '--shell <shell>': SHELL_OPTION,
  },
  async run(options, context) {
    const port = parsePort(options.port);
    const { describeRunningSandbox } = await import('../../sandbox/running.ts');
    const data = await describeRunningSandbox(port);
    return {
      data,
      summary: formatVariables(data, options.shell ?? defaultShell(context.env)),
    };
  },
});
