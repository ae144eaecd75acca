import type { CommandGroup, SingleCommand } from '../commands/shared/command.ts';

type Entry = (CommandGroup | SingleCommand) & {
  section: 'Accounts' | 'Webhooks' | 'Configuration as code' | 'Operations' | 'Setup';
};

export const COMMAND_GROUPS: readonly Entry[] = [
  {
    name: 'accounts',
    section: 'Accounts',
    summary: 'Manage numbers, Pages, Instagram accounts and mailboxes',
    commands: async () => (await import('../commands/accounts/index.ts')).commands,
  },
  {
    name: 'messenger',
    section: 'Accounts',
    channel: 'messenger',
    summary: 'Sign in with Facebook and connect Pages',
    commands: async () => (await import('../commands/messenger/index.ts')).commands,
  },
  {
    name: 'whatsapp',
    section: 'Accounts',
    channel: 'whatsapp',
    summary: 'Check, register and connect WhatsApp numbers',
    commands: async () => (await import('../commands/whatsapp/index.ts')).commands,
  },
  {
    name: 'instagram',
    section: 'Accounts',
    channel: 'instagram',
    summary: 'Sign in with Instagram and connect accounts',
    commands: async () => (await import('../commands/instagram/index.ts')).commands,
  },
  {
    name: 'email',
    section: 'Accounts',
    channel: 'email',
    summary: 'Check mailboxes',
    commands: async () => (await import('../commands/email/index.ts')).commands,
  },
  {
    name: 'menu',
    section: 'Accounts',
    channel: 'messenger',
    summary: 'Manage the persistent menu of a Page',
    commands: async () => (await import('../commands/menu/index.ts')).commands,
  },
  {
    name: 'tokens',
    section: 'Accounts',
    summary: 'List, inspect and refresh tokens',
    commands: async () => (await import('../commands/tokens/index.ts')).commands,
  },
  {
    name: 'webhooks',
    section: 'Webhooks',
    summary: 'Show, set, test and receive webhooks',
    commands: async () => (await import('../commands/webhooks/index.ts')).commands,
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
    commands: async () => (await import('../commands/audit/index.ts')).commands,
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
    commands: async () => (await import('../commands/integrations/index.ts')).commands,
  },
  {
    name: 'secrets',
    section: 'Setup',
    summary: 'Manage stored secrets and their passphrase',
    commands: async () => (await import('../commands/secrets/index.ts')).commands,
  },
  {
    name: 'config',
    section: 'Setup',
    summary: 'Manage the settings of a profile',
    commands: async () => (await import('../commands/config/index.ts')).commands,
  },
  {
    name: 'profiles',
    section: 'Setup',
    summary: 'Manage profiles',
    commands: async () => (await import('../commands/profiles/index.ts')).commands,
  },
  {
    name: 'sandbox',
    section: 'Setup',
    summary: 'Run a local stand-in for Meta',
    commands: async () => (await import('../commands/sandbox/index.ts')).commands,
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
