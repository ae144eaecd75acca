import { defineCommand } from '../shared/command.ts';

export const path = defineCommand({
  name: 'path',
  summary: "Show the path of the profile's state file",
  role: 'agent',
  missingProfile: 'allowed',
  toleratesCorruptState: true,
  examples: [
    { line: 'config path', about: 'Print the path, even if the file does not exist yet' },
    { line: 'config path --profile trial --json', about: 'Print the path for another profile' },
  ],
  result: { fields: ['path'], isVerbatim: true },
  run: async (_options, { profile: { path } }) => ({ data: { path }, summary: path }),
});
