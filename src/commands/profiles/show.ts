import { defineCommand } from '../shared/command.ts';
import { openExistingProfile, PROFILE_FIELDS, summarize } from './profile-summary.ts';

export const show = defineCommand({
  name: 'show',
  summary: 'Show a profile',
  role: 'agent',
  examples: [
    { line: 'profiles show default', about: 'Where it is and what it may do' },
    { line: 'profiles show default --fields path', about: 'Where it is' },
  ],
  result: { fields: PROFILE_FIELDS },
  arguments: { '<name>': 'name of the profile' },
  run: async ({ name }, context) => ({
    data: await summarize(await openExistingProfile(name, context), context),
  }),
});
