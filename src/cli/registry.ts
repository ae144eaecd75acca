import type { CommandGroup, SingleCommand } from '../commands/shared/command.ts';

type Entry = (CommandGroup | SingleCommand) & {
  section: 'Accounts' | 'Webhooks' | 'Configuration as code' | 'Operations' | 'Setup';
};

export const COMMAND_GROUPS: readonly Entry[] = [
  {
    name: 'accounts',
    section: 'Accounts',
    summary: 'Manage numbers, Pages, Instagram accounts and mailboxes',
    load: () => import('../commands/accounts/index.ts'),
  },
  {
    name: 'messenger',
    section: 'Accounts',
    channel: 'messenger',
    summary: 'Sign in with Facebook and connect Pages',
    load: () => import('../commands/messenger/index.ts'),
  },
  {
    name: 'whatsapp',
    section: 'Accounts',
    channel: 'whatsapp',
    summary: 'Check, register and connect WhatsApp numbers',
    load: () => import('../commands/whatsapp/index.ts'),
  },
  {
    name: 'instagram',
    section: 'Accounts',
    channel: 'instagram',
    summary: 'Sign in with Instagram and connect accounts',
    load: () => import('../commands/instagram/index.ts'),
  },
  {
    name: 'email',
    section: 'Accounts',
    channel: 'email',
    summary: 'Check mailboxes',
    load: () => import('../commands/email/index.ts'),
  },
  {
    name: 'menu',
    section: 'Accounts',
    channel: 'messenger',
    summary: 'Manage the persistent menu of a Page',
    load: () => import('../commands/menu/index.ts'),
  },
  {
    name: 'tokens',
    section: 'Accounts',
    summary: 'List, inspect and refresh tokens',
    load: () => import('../commands/tokens/index.ts'),
  },
  {
    name: 'webhooks',
    section: 'Webhooks',
    summary: 'Show, set, test and receive webhooks',
    load: () => import('../commands/webhooks/index.ts'),
  },
  {
    name: 'export',
    section: 'Configuration as code',
    summary: 'Export the profile and remote state as a document',
    command: async () => (await import('../commands/export.ts')).exportDocument,
  },
  {
    name: 'plan',
    section: 'Configuration as code',
    summary: 'Show the changes apply would make',
    command: async () => (await import('../commands/plan.ts')).plan,
  },
  {
    name: 'apply',
    section: 'Configuration as code',
    summary: 'Apply a document to the profile and to Meta',
    command: async () => (await import('../commands/apply.ts')).apply,
  },
  {
    name: 'schema',
    section: 'Configuration as code',
    summary: 'Print the JSON Schema for documents',
    command: async () => (await import('../commands/schema.ts')).schema,
  },
  {
    name: 'status',
    section: 'Operations',
    summary: 'Show the status of all accounts and what needs attention',
    command: async () => (await import('../commands/status.ts')).status,
  },
  {
    name: 'doctor',
    section: 'Operations',
    summary: 'Diagnose this installation and fix problems',
    command: async () => (await import('../commands/doctor.ts')).doctor,
  },
  {
    name: 'audit',
    section: 'Operations',
    summary: 'Show the log of changes',
    load: () => import('../commands/audit/index.ts'),
  },
  {
    name: 'api',
    section: 'Operations',
    summary: "Call Meta's Graph API directly with an account's token",
    command: async () => (await import('../commands/api/api.ts')).api,
  },
  {
    name: 'init',
    section: 'Setup',
    summary: 'Set up a channel step by step',
    command: async () => (await import('../commands/init/init.ts')).init,
  },
  {
    name: 'integrations',
    section: 'Setup',
    summary: 'Manage the settings of a channel, such as its app',
    load: () => import('../commands/integrations/index.ts'),
  },
  {
    name: 'secrets',
    section: 'Setup',
    summary: 'Manage stored secrets and their passphrase',
    load: () => import('../commands/secrets/index.ts'),
  },
  {
    name: 'state',
    section: 'Setup',
    summary: 'Share the state of a profile with a team',
    load: () => import('../commands/state/index.ts'),
  },
  {
    name: 'config',
    section: 'Setup',
    summary: 'Manage the settings of a profile',
    load: () => import('../commands/config/index.ts'),
  },
  {
    name: 'profiles',
    section: 'Setup',
    summary: 'Manage profiles',
    load: () => import('../commands/profiles/index.ts'),
  },
  {
    name: 'sandbox',
    section: 'Setup',
    summary: 'Run a local stand-in for Meta',
    load: () => import('../commands/sandbox/index.ts'),
  },
  {
    name: 'completion',
    section: 'Setup',
    summary: 'Print the script for shell completion',
    command: async () => (await import('../commands/completion.ts')).completion,
  },
];

export const TOPICS = {
  'exit-codes': 'Exit codes and their meaning',
  environment: 'Environment variables that channelctl reads',
  output: 'Output formats, fields, stdout and stderr',
  secrets: 'Where secrets are stored, and how to pass them',
};

export type Topic = keyof typeof TOPICS;

export function isTopic(name: string): name is Topic {
  return Object.hasOwn(TOPICS, name);
}
