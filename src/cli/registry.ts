import type { LoneVerb, Noun } from '../commands/shared/command.ts';

// Every run has the first of these, and the others begin from it: so they share its code, where
// each would have to be split from it into many small files.
const everyday = () => import('../everyday.ts');
const atMeta = async () => (await everyday()).atMeta();
const fleet = async () => (await everyday()).fleet();

/** Every noun, in the order in which help lists them. */
export const NOUNS: readonly (Noun | LoneVerb)[] = [
  {
    name: 'integrations',
    summary: "Settings of a channel: your app's id and secret",
    verbs: async () => (await everyday()).integrations,
  },
  {
    name: 'accounts',
    summary: 'Numbers, Pages, profiles and mailboxes',
    verbs: async () => (await everyday()).accounts,
  },
  {
    name: 'messenger',
    summary: 'Sign in with Facebook and connect Pages',
    verbs: async () => (await atMeta()).messenger,
  },
  {
    name: 'whatsapp',
    summary: 'Numbers: their health, registration and webhooks',
    verbs: async () => (await atMeta()).whatsapp,
  },
  {
    name: 'instagram',
    summary: 'Sign in with Instagram and connect profiles',
    verbs: async () => (await atMeta()).instagram,
  },
  {
    name: 'email',
    summary: 'Mailboxes',
    verbs: async () => (await atMeta()).email,
  },
  {
    name: 'menu',
    summary: 'The persistent menu of a Page',
    verbs: async () => (await atMeta()).menu,
  },
  {
    name: 'tokens',
    summary: 'The tokens that channelctl holds: when they expire, what they allow',
    verbs: async () => (await atMeta()).tokens,
  },
  {
    name: 'status',
    summary: 'Every account at a glance, and what needs a person',
    verb: async () => (await fleet()).status,
  },
  {
    name: 'doctor',
    summary: 'Find out what is wrong with this installation, and mend it',
    verb: async () => (await fleet()).doctor,
  },
  {
    name: 'init',
    summary: 'Set up a channel for the first time, step by step',
    verb: async () => (await fleet()).init,
  },
  {
    name: 'audit',
    summary: 'What was changed through channelctl, when, and by whom',
    verbs: async () => (await everyday()).audit,
  },
  {
    name: 'export',
    summary: 'Write the profile, and what stands at Meta, as one document',
    verb: async () => (await fleet()).exportDocument,
  },
  {
    name: 'plan',
    summary: 'Show what would make the profile as a document says',
    verb: async () => (await fleet()).plan,
  },
  {
    name: 'apply',
    summary: 'Make the profile, and what stands at Meta, as a document says',
    verb: async () => (await fleet()).apply,
  },
  {
    name: 'schema',
    summary: 'The JSON Schema of the document',
    verb: async () => (await fleet()).schema,
  },
  {
    name: 'webhooks',
    summary: 'What Meta calls: show, set and test it, or receive it here',
    verbs: async () => (await fleet()).webhooks,
  },
  {
    name: 'api',
    summary: "Call Meta's Graph API directly with an account's token",
    verb: async () => (await fleet()).api,
  },
  {
    name: 'config',
    summary: 'Settings of a profile',
    verbs: async () => (await everyday()).config,
  },
  {
    name: 'profiles',
    summary: 'Profiles, which share nothing with each other',
    verbs: async () => (await everyday()).profiles,
  },
  {
    name: 'sandbox',
    summary: 'A stand-in for Meta on this machine, to try things out',
    verbs: async () => (await atMeta()).sandbox,
  },
  {
    name: 'completion',
    summary: 'Print what makes a shell complete commands and names',
    verb: async () => (await fleet()).completion,
  },
];

/** What `channelctl help <topic>` explains. */
export const TOPICS = {
  'exit-codes': 'What each exit code means',
  environment: 'The variables that channelctl reads',
  output: 'Formats, fields, and what goes to stdout and stderr',
  secrets: 'Where secrets are kept, and how to give them',
};
