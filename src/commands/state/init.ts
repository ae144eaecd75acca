import { usageError } from '../../shared/errors.ts';
import { defineCommand } from '../shared/command.ts';
import { STATE_FIELDS } from './show.ts';

export const init = defineCommand({
  name: 'init',
  summary: 'Prepare a server for shared state',
  role: 'admin',
  missingProfile: 'allowed',
  state: 'machine',
  examples: [
    {
      line: 'state init',
      about: 'Create the tables in the database that the setting state names',
    },
    {
      line: 'state init --print-sql',
      about: 'Print the statements for an administrator of the database',
    },
  ],
  notes:
    'Run this command once per address. It creates the tables (PostgreSQL) or a marker object under the prefix (S3); no other command does. Running it again does not change existing state. Set the address first: channelctl config set state postgres://host/database',
  options: {
    '--print-sql': 'only print the SQL statements, including those that grant privileges',
  },
  result: ({ printSql }) => ({ fields: printSql ? ['statements'] : STATE_FIELDS }),
  async run({ printSql }, { backend, profile }) {
    if (backend === null) {
      throw usageError('The state of this profile is stored on this machine.', {
        reason: 'Only a server must be prepared.',
        hint: 'Set the address first: channelctl config set state postgres://host/database',
      });
    }
    if (printSql === true) {
      const statements = await backend.statements?.();
      if (statements === undefined) {
        throw usageError('--print-sql requires a PostgreSQL address.');
      }
      return { data: { statements }, summary: statements.map((one) => `${one};`).join('\n\n') };
    }
    await backend.init();
    const description = await profile.describe();
    return {
      data: description,
      summary: `Prepared ${description.location} for shared state.`,
    };
  },
});
