import { defineCommand } from '../shared/command.ts';

export const STATE_FIELDS = [
  'backend',
  'location',
  'revision',
  'changed_at',
  'changed_by',
  'lease',
  ...['changed_by.user', 'changed_by.host', 'changed_by.command'],
] as const;

export const show = defineCommand({
  name: 'show',
  summary: 'Show where the state is stored, and its last change',
  role: 'supervisor',
  examples: [
    { line: 'state show', about: 'Show the address, the revision, and who changed it last' },
    { line: 'state show --json --fields revision', about: 'Print only the revision' },
  ],
  result: { fields: STATE_FIELDS },
  run: async (_options, { profile }) => ({ data: await profile.describe() }),
});
