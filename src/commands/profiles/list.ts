import { ChannelctlError } from '../../shared/errors.ts';
import { defineCommand } from '../shared/command.ts';
import type { CommandContext } from '../shared/command-context.ts';
import { PROFILE_FIELDS, type ProfileSummary, summarize } from './profile-summary.ts';

export const list = defineCommand({
  name: 'list',
  summary: 'List profiles',
  role: 'agent',
  missingProfile: 'allowed',
  toleratesCorruptState: true,
  examples: [
    { line: 'profiles list', about: 'List all profiles' },
    { line: 'profiles list -o tsv --fields name', about: 'Print only the names' },
  ],
  result: {
    fields: PROFILE_FIELDS,
    droppable: ['path'],
    whenEmpty: 'No profiles yet. A profile is created when something is first stored in it.',
  },
  async run(_options, context) {
    const names = await context.profileNames();
    return { data: await Promise.all(names.map((name) => summaryOrWarning(name, context))) };
  },
});

async function summaryOrWarning(name: string, context: CommandContext): Promise<ProfileSummary> {
  const profile = context.openProfile(name);
  try {
    return await summarize(profile, context);
  } catch (error) {
    if (!(error instanceof ChannelctlError) || error.kind !== 'storage') throw error;
    context.warn(error.description, error.hint);
    const is_current = name === context.profile.name;
    return { name, path: profile.path, role: null, accounts: null, is_current };
  }
}
