import { defineCommand } from '../../src/commands/shared/command.ts';
import type { OptionsOf } from '../../src/commands/shared/options.ts';
import { fieldsIn } from '../../src/ui/output/fields.ts';

const OPTIONS = {
  '--division-id <id>': 'a division',
  '--since <time>': { description: 'a time', default: '7d' },
  '--page <id>': { description: 'repeatable', isRepeatable: true },
  '--no-register': 'do not register',
  '-f, --file <path|->': { description: 'a document', isRequired: true },
} as const;

/** A command with every kind of option and field, which the type tests modify. */
export const sample = defineCommand({
  name: 'sample',
  summary: 'List samples',
  role: 'agent',
  examples: [
    { line: 'sample one', about: 'One' },
    { line: 'sample two', about: 'Another' },
  ],
  arguments: { '<account>': 'an account', '[color]': { description: '', choices: ['red'] } },
  options: OPTIONS,
  result: {
    fields: ['id', 'config', 'config.*', ...fieldsIn('problems', ['message', 'graph.code'])],
    columns: ['id', 'problems.message'],
    formatters: { problems: () => '-' },
    truncatable: ['id'],
    droppable: ['problems'],
  },
  async run(options) {
    return { data: [itemOf(options, options.account, options.color)] };
  },
});

function itemOf(
  { divisionId, since, page, register, file }: OptionsOf<typeof OPTIONS>,
  account: string,
  color: 'red' | undefined,
) {
  const config: Record<string, string> = { since, file, account };
  const graph = register ? { code: page?.map(Number)[0] ?? 0 } : null;
  return { id: divisionId ?? color ?? '-', config, problems: [{ message: '', graph }] };
}
