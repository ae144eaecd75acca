import { ChannelctlError } from '../../shared/errors.ts';
import { defineCommand } from '../shared/command.ts';
import type { CommandContext } from '../shared/command-context.ts';
import { PROFILE_FIELDS, type ProfileSummary, summarize } from './profile-summary.ts';

export const list = defineCommand({
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
    droppable: ['path'],
    whenEmpty: 'There is no profile yet. The first thing you store makes one.',
  },
  async run(_options, context) {
    const names = await context.profileNames();
    return { data: await Promise.all(names.map((name) => summaryOrWarning(name, context))) };
  },
});

/** A profile that can't be read does not hide the others. */
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
