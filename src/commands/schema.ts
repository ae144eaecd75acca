import { defineCommand } from './shared/command.ts';

export const schema = defineCommand({
  name: 'schema',
  summary: 'Print the JSON Schema of the document',
  role: 'none',
  examples: [
    { line: 'schema > channels.schema.json', about: 'For an editor that completes and checks' },
    { line: 'schema -o yaml', about: 'The same, to read' },
  ],
  notes:
    'Refer to it in the first line of a document:\n  # yaml-language-server: $schema=channels.schema.json',
  result: {
    fields: [
      '$schema',
      'title',
      'type',
      'properties',
      'properties.*',
      'required',
      'additionalProperties',
      '$defs',
      '$defs.*',
    ],
  },
  async run() {
    const { documentJsonSchema } = await import('../declarative/document/schema.ts');
    const data = documentJsonSchema();
    return { data, summary: JSON.stringify(data, null, 2) };
  },
});
