import type { LoneVerb, Noun } from '../commands/shared/command.ts';

/** Every noun, in the order in which help lists them. */
export const NOUNS: readonly (Noun | LoneVerb)[] = [
  {
    name: 'integrations',
    summary: "Settings of a channel: your app's id and secret",
    verbs: async () => (await import('../commands/integrations/index.ts')).verbs,
  },
  {
    name: 'accounts',
    summary: 'Numbers, Pages, profiles and mailboxes',
    verbs: async () => (await import('../commands/accounts/index.ts')).verbs,
  },
  {
    name: 'messenger',
    summary: 'Sign in with Facebook and connect Pages',
    verbs: async () => (await import('../commands/messenger/index.ts')).verbs,
  },
  {
    name: 'whatsapp',
    summary: 'Numbers: their health, registration and webhooks',
    verbs: async () => (await import('../commands/whatsapp/index.ts')).verbs,
  },
  {
    name: 'instagram',
    summary: 'Sign in with Instagram and connect profiles',
    verbs: async () => (await import('../commands/instagram/index.ts')).verbs,
  },
  {
    name: 'email',
    summary: 'Mailboxes',
    verbs: async () => (await import('../commands/email/index.ts')).verbs,
  },
  {
    name: 'menu',
    summary: 'The persistent menu of a Page',
    verbs: async () => (await import('../commands/menu/index.ts')).verbs,
  },
  {
    name: 'tokens',
    summary: 'The tokens that channelctl holds: when they expire, what they allow',
    verbs: async () => (await import('../commands/tokens/index.ts')).verbs,
  },
  {
    name: 'status',
    summary: 'Every account at a glance, and what needs a person',
    verb: async () => (await import('../commands/status.ts')).status,
  },
  {
    name: 'doctor',
    summary: 'Find out what is wrong with this installation, and mend it',
    verb: async () => (await import('../commands/doctor.ts')).doctor,
  },
  {
    name: 'init',
    summary: 'Set up a channel for the first time, step by step',
    verb: async () => (await import('../commands/init/init.ts')).init,
  },
  {
    name: 'audit',
    summary: 'What was changed through channelctl, when, and by whom',
    verbs: async () => (await import('../commands/audit/index.ts')).verbs,
  },
  {
    name: 'export',
    summary: 'Write the profile, and what stands at Meta, as one document',
    verb: async () => (await import('../commands/export.ts')).exportDocument,
  },
  {
    name: 'plan',
    summary: 'Show what would make the profile as a document says',
    verb: async () => (await import('../commands/plan.ts')).plan,
  },
  {
    name: 'apply',
    summary: 'Make the profile, and what stands at Meta, as a document says',
    verb: async () => (await import('../commands/apply.ts')).apply,
  },
  {
    name: 'schema',
    summary: 'The JSON Schema of the document',
    verb: async () => (await import('../commands/schema.ts')).schema,
  },
  {
    name: 'webhooks',
    summary: 'What Meta calls: show, set and test it, or receive it here',
    verbs: async () => (await import('../commands/webhooks/index.ts')).verbs,
  },
  {
    name: 'api',
    summary: "Call Meta's Graph API directly with an account's token",
    verb: async () => (await import('../commands/api/api.ts')).api,
  },
  {
    name: 'config',
    summary: 'Settings of a profile',
    verbs: async () => (await import('../commands/config/index.ts')).verbs,
  },
  {
    name: 'profiles',
    summary: 'Profiles, which share nothing with each other',
    verbs: async () => (await import('../commands/profiles/index.ts')).verbs,
  },
  {
    name: 'sandbox',
    summary: 'A stand-in for Meta on this machine, to try things out',
    verbs: async () => (await import('../commands/sandbox/index.ts')).verbs,
  },
  {
    name: 'completion',
    summary: 'Print what makes a shell complete commands and names',
    verb: async () => (await import('../commands/completion.ts')).completion,
  },
];

/** What `channelctl help <topic>` explains. */
export const TOPICS = {
  'exit-codes': 'What each exit code means',
  environment: 'The variables that channelctl reads',
  output: 'Formats, fields, and what goes to stdout and stderr',
  secrets: 'Where secrets are kept, and how to give them',
};
