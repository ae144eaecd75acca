import { defineCommand } from './shared/command.ts';

export const schema = defineCommand({
  name: 'schema',
  summary: 'Print the JSON Schema for documents',
  role: 'none',
  examples: [
    {
      line: 'schema > channels.schema.json',
      about: 'Create a schema file for completion and validation in an editor',
    },
    { line: 'schema -o yaml', about: 'Print the schema as YAML' },
  ],
  notes:
    'To use the schema in an editor, begin the document with this line:\n  # yaml-language-server: $schema=channels.schema.json',
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
    isVerbatim: true,
  },
  async run() {
    const { documentJsonSchema } = await import('../declarative/document/schema.ts');
    const data = documentJsonSchema();
    return { data, summary: JSON.stringify(data, null, 2) };
  },
});
