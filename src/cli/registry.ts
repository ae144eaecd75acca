import type { CommandGroup, SingleCommand } from '../commands/shared/command.ts';

/** Every command or group of commands, in the order of the help. */
export const COMMAND_GROUPS: readonly (CommandGroup | SingleCommand)[] = [
  {
    name: 'integrations',
    summary: "Settings of a channel: your app's id and secret",
    commands: async () => (await import('../commands/integrations/index.ts')).commands,
  },
  {
    name: 'accounts',
    summary: 'Numbers, Pages, profiles and mailboxes',
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
    summary: 'Numbers: their health, registration and webhooks',
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
    summary: 'Mailboxes',
    commands: async () => (await import('../commands/email/index.ts')).commands,
  },
  {
    name: 'menu',
    channel: 'messenger',
    summary: 'The persistent menu of a Page',
    commands: async () => (await import('../commands/menu/index.ts')).commands,
  },
  {
    name: 'tokens',
    summary: 'The tokens that channelctl holds: when they expire, what they allow',
    commands: async () => (await import('../commands/tokens/index.ts')).commands,
  },
  {
    name: 'status',
    summary: 'Every account at a glance, and what needs a person',
    command: async () => (await import('../commands/status.ts')).status,
  },
  {
    name: 'doctor',
    summary: 'Find out what is wrong with this installation, and mend it',
    command: async () => (await import('../commands/doctor.ts')).doctor,
  },
  {
    name: 'init',
    summary: 'Set up a channel for the first time, step by step',
    command: async () => (await import('../commands/init/init.ts')).init,
  },
  {
    name: 'audit',
    summary: 'What was changed through channelctl, when, and by whom',
    commands: async () => (await import('../commands/audit/index.ts')).commands,
  },
  {
    name: 'export',
    summary: 'Write the profile, and what stands at Meta, as one document',
    command: async () => (await import('../commands/export.ts')).exportDocument,
  },
  {
    name: 'plan',
    summary: 'Show what would make the profile as a document says',
    command: async () => (await import('../commands/plan.ts')).plan,
  },
  {
    name: 'apply',
    summary: 'Make the profile, and what stands at Meta, as a document says',
    command: async () => (await import('../commands/apply.ts')).apply,
  },
  {
    name: 'schema',
    summary: 'The JSON Schema of the document',
    command: async () => (await import('../commands/schema.ts')).schema,
  },
  {
    name: 'webhooks',
    summary: 'What Meta calls: show, set and test it, or receive it here',
    commands: async () => (await import('../commands/webhooks/index.ts')).commands,
  },
  {
    name: 'api',
    summary: "Call Meta's Graph API directly with an account's token",
    command: async () => (await import('../commands/api/api.ts')).api,
  },
  {
    name: 'config',
    summary: 'Settings of a profile',
    commands: async () => (await import('../commands/config/index.ts')).commands,
  },
  {
    name: 'profiles',
    summary: 'Profiles, which share nothing with each other',
    commands: async () => (await import('../commands/profiles/index.ts')).commands,
  },
  {
    name: 'sandbox',
    summary: 'A stand-in for Meta on this machine, to try things out',
    commands: async () => (await import('../commands/sandbox/index.ts')).commands,
  },
  {
    name: 'completion',
    summary: 'Print what makes a shell complete commands and names',
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
