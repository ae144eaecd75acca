import { defineCommand } from '../shared/command.ts';

export const path = defineCommand({
  name: 'path',
  summary: "Show the path of the profile's state file",
  role: 'agent',
  toleratesCorruptState: true,
  examples: [
    { line: 'config path', about: 'The path alone; the file need not exist yet' },
    { line: 'config path --profile trial --json', about: 'That of another profile' },
  ],
  result: { fields: ['path'] },
  run: async (_options, { profile: { path } }) => ({ data: { path }, summary: path }),
});
