import { defineVerb } from '../command.ts';
import { PROFILE_FIELDS, summarize } from './profile-summary.ts';

export const list = defineVerb({
  name: 'list',
  summary: 'List the profiles',
  role: 'agent',
  examples: [
    { line: 'profiles list', about: 'Every profile that something is stored in' },
    { line: 'profiles list -o tsv --fields name', about: 'Their names alone' },
  ],
  result: {
    fields: PROFILE_FIELDS,
    whenEmpty: 'There is no profile yet. The first thing you store makes one.',
  },
  async run(_options, deps) {
    const names = await deps.profileNames();
    return {
      data: await Promise.all(names.map((name) => summarize(deps.openProfile(name), deps))),
    };
  },
});
