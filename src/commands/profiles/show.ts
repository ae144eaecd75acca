import { defineCommand } from '../shared/command.ts';
import { openExistingProfile, PROFILE_FIELDS, summarize } from './profile-summary.ts';

export const show = defineCommand({
  name: 'show',
  summary: 'Show a profile',
  role: 'agent',
  missingProfile: 'allowed',
  examples: [
    { line: 'profiles show default', about: 'Show the path, role and number of accounts' },
    { line: 'profiles show default --fields path', about: 'Show only the path' },
  ],
  result: { fields: PROFILE_FIELDS },
  arguments: { '<name>': 'profile name' },
  run: async ({ name }, context) => ({
    data: await summarize(await openExistingProfile(name, context), context),
  }),
});
