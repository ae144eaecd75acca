import type { OptionsOf } from './options.ts';

/** The options of every command that reads a document. */
export const DOCUMENT_OPTIONS = {
  '-f, --file <path|->': {
    description: 'the document, YAML or JSON; - reads stdin',
    isRequired: true,
  },
  '--prune':
    'take away what the sections of the document do not have, secrets of what stays excepted',
  '--offline': 'look at the local state only: Meta is not asked',
} as const;

export type DocumentOptions = OptionsOf<typeof DOCUMENT_OPTIONS>;
