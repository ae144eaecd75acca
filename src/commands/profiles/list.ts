import { ChannelctlError } from '../../shared/errors.ts';
import { defineVerb } from '../shared/command.ts';
import type { Deps } from '../shared/command-context.ts';
import { PROFILE_FIELDS, type ProfileSummary, summarize } from './profile-summary.ts';

export const list = defineVerb({
  name: 'list',
  summary: 'List the profiles',
  role: 'agent',
  toleratesCorruptState: true,
  examples: [
    { line: 'profiles list', about: 'Every profile that something is stored in' },
    { line: 'profiles list -o tsv --fields name', about: 'Their names alone' },
  ],
  result: {
    fields: PROFILE_FIELDS,
    leaving: ['path'],
    whenEmpty: 'There is no profile yet. The first thing you store makes one.',
  },
  async run(_options, deps) {
    const names = await deps.profileNames();
    return { data: await Promise.all(names.map((name) => summaryOrWarning(name, deps))) };
  },
});

/** Profiles share nothing: one that can't be read says nothing of the others. */
async function summaryOrWarning(name: string, deps: Deps): Promise<ProfileSummary> {
  const profile = deps.openProfile(name);
  try {
    return await summarize(profile, deps);
  } catch (error) {
    if (!(error instanceof ChannelctlError) || error.kind !== 'storage') throw error;
    deps.warn(`${error.message} ${error.reason}`, error.hint);
    const is_current = name === deps.profile.name;
    return { name, path: profile.path, role: null, accounts: null, is_current };
  }
}
