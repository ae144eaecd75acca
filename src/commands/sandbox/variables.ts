import { platform } from 'node:os';
import type { Environment } from '../../profile/settings.ts';
import type { SandboxDescription } from '../../sandbox/types.ts';
import { fieldsIn } from '../../ui/output/fields.ts';

export const DEFAULT_PORT = '8977';

const SHELLS = ['sh', 'fish', 'powershell'] as const;

type Shell = (typeof SHELLS)[number];

export const SHELL_OPTION = {
  description: 'shell of the printed lines (default: sh; on Windows, powershell)',
  choices: SHELLS,
} as const;

export const DESCRIPTION_FIELDS = [
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
] as const;

/** On Windows, Git Bash and similar shells set MSYSTEM or SHELL. */
export function defaultShell(env: Environment, system: string = platform()): Shell {
  return system === 'win32' && !env.MSYSTEM && !env.SHELL ? 'powershell' : 'sh';
}

/** Returns the command that sets the variables in another terminal. */
export function connectCommand(shell: Shell, port: number): string {
  const flag = String(port) === DEFAULT_PORT ? '' : ` --port ${port}`;
  const command = `channelctl sandbox env${flag}`;
  switch (shell) {
    case 'sh':
      return `eval "$(${command})"`;
    case 'fish':
      return `${command} --shell fish | source`;
    case 'powershell':
      return `${command} --shell powershell | Out-String | Invoke-Expression`;
  }
}

/** Returns one line per variable, which sets it in the shell and exports it. */
export function formatVariables(description: SandboxDescription, shell: Shell): string {
  const { pages, ...values } = description;
  const variables = Object.entries(values).map(([key, value]): [string, string] => [
    `${key.endsWith('_url') ? 'CHANNELCTL' : 'SANDBOX'}_${key.toUpperCase()}`,
    value,
  ]);
  const [page] = pages;
  if (page !== undefined) {
    variables.push(['SANDBOX_PAGE_ID', page.id], ['SANDBOX_PAGE_TOKEN', page.access_token]);
  }
  return variables.map(([name, value]) => LINES[shell](name, value)).join('\n');
}

/** The secrets in a seed can contain any character, so all values are quoted. */
const LINES: Readonly<Record<Shell, (name: string, value: string) => string>> = {
  sh: (name, value) => `export ${name}='${value.replaceAll("'", "'\\''")}'`,
  fish: (name, value) => `set -gx ${name} '${value.replace(/[\\']/g, '\\$&')}'`,
  // PowerShell also accepts typographic quotation marks as the end of a quoted string.
  powershell: (name, value) => `$env:${name} = '${value.replace(/['‘’‚‛]/g, '$&$&')}'`,
};
