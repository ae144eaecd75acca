import { usageError } from '../../shared/errors.ts';
import { defineCommand } from '../shared/command.ts';
import { STATE_FIELDS } from './show.ts';

export const accept = defineCommand({
  name: 'accept',
  summary: 'Accept shared state that is older than this machine has seen',
  role: 'admin',
  missingProfile: 'allowed',
  state: 'machine',
  examples: [
    { line: 'state accept', about: 'Continue after the server was restored from a backup' },
    { line: 'state accept --json --fields revision', about: 'Print the accepted revision' },
  ],
  notes:
    'A machine remembers the newest revision that it has read, so that an older one cannot replace it unnoticed. Accept an older one only if you know why it is older. Changes that were made after it are lost.',
  result: { fields: STATE_FIELDS },
  async run(_options, { profile }) {
    if (profile.accept === undefined) {
      throw usageError('The state of this profile is stored on this machine.', {
        reason: 'Only shared state can be older than this machine has seen.',
      });
    }
    await profile.accept();
    const description = await profile.describe();
    return {
      data: description,
      summary: `Accepted revision ${description.revision} of ${description.location}.`,
    };
  },
});
