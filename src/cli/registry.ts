import type { CommandGroup, SingleCommand } from '../commands/shared/command.ts';

/** Every command or group of commands, in the order of the help. */
export const COMMAND_GROUPS: readonly (CommandGroup | SingleCommand)[] = [
  {
    name: 'integrations',
    summary: 'Manage the settings of a channel, such as its app',
    commands: async () => (await import('../commands/integrations/index.ts')).commands,
  },
  {
    name: 'accounts',
    summary: 'Manage numbers, Pages, profiles and mailboxes',
    commands: async () => (await import('../commands/accounts/index.ts')).commands,
  },
  {
    name: 'messenger',
    channel: 'messenger',
    summary: 'Sign in with Facebook and connect Pages',
    commands: async () => (await import('../commands/messenger/index.ts')).commands,
  },
  {
    name: 'whatsapp',
    channel: 'whatsapp',
    summary: 'Check, register and connect WhatsApp numbers',
    commands: async () => (await import('../commands/whatsapp/index.ts')).commands,
  },
  {
    name: 'instagram',
    channel: 'instagram',
    summary: 'Sign in with Instagram and connect profiles',
    commands: async () => (await import('../commands/instagram/index.ts')).commands,
  },
  {
    name: 'email',
    channel: 'email',
    summary: 'Check mailboxes',
    commands: async () => (await import('../commands/email/index.ts')).commands,
  },
  {
    name: 'menu',
    channel: 'messenger',
    summary: 'Manage the persistent menu of a Page',
    commands: async () => (await import('../commands/menu/index.ts')).commands,
  },
  {
    name: 'tokens',
    summary: 'List, inspect and refresh tokens',
    commands: async () => (await import('../commands/tokens/index.ts')).commands,
  },
  {
    name: 'status',
    summary: 'Show the status of all accounts and what needs attention',
    command: async () => (await import('../commands/status.ts')).status,
  },
  {
    name: 'doctor',
    summary: 'Diagnose this installation and fix problems',
    command: async () => (await import('../commands/doctor.ts')).doctor,
  },
  {
    name: 'init',
    summary: 'Set up a channel step by step',
    command: async () => (await import('../commands/init/init.ts')).init,
  },
  {
    name: 'audit',
    summary: 'Show the log of changes',
    commands: async () => (await import('../commands/audit/index.ts')).commands,
  },
  {
    name: 'export',
    summary: 'Export the profile and remote state as a document',
    command: async () => (await import('../commands/export.ts')).exportDocument,
  },
  {
    name: 'plan',
    summary: 'Show the changes apply would make',
    command: async () => (await import('../commands/plan.ts')).plan,
  },
  {
    name: 'apply',
    summary: 'Apply a document to the profile and to Meta',
    command: async () => (await import('../commands/apply.ts')).apply,
  },
  {
    name: 'schema',
    summary: 'Print the JSON Schema of the document',
    command: async () => (await import('../commands/schema.ts')).schema,
  },
  {
    name: 'webhooks',
    summary: 'Show, set, test and receive webhooks',
    commands: async () => (await import('../commands/webhooks/index.ts')).commands,
  },
  {
    name: 'api',
    summary: "Call Meta's Graph API directly with an account's token",
    command: async () => (await import('../commands/api/api.ts')).api,
  },
  {
    name: 'config',
    summary: 'Manage the settings of a profile',
    commands: async () => (await import('../commands/config/index.ts')).commands,
  },
  {
    name: 'profiles',
    summary: 'Manage profiles',
    commands: async () => (await import('../commands/profiles/index.ts')).commands,
  },
  {
    name: 'sandbox',
    summary: 'Run a local stand-in for Meta',
    commands: async () => (await import('../commands/sandbox/index.ts')).commands,
  },
  {
    name: 'completion',
    summary: 'Print the script for shell completion',
    command: async () => (await import('../commands/completion.ts')).completion,
  },
];

/** The topics of `channelctl help <topic>`. */
export const TOPICS = {
  'exit-codes': 'What each exit code means',
  environment: 'The variables that channelctl reads',
  output: 'Formats, fields, and what goes to stdout and stderr',
  secrets: 'Where secrets are kept, and how to give them',
};

export type Topic = keyof typeof TOPICS;

export function isTopic(name: string): name is Topic {
  return Object.hasOwn(TOPICS, name);
}
