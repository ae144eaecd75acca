import type { OptionsOf } from './options.ts';

export const DOCUMENT_OPTIONS = {
  '-f, --file <path|->': {
    description: 'YAML or JSON document (- reads stdin)',
    isRequired: true,
  },
  '--prune':
    "delete items missing from the document's sections; secrets of remaining items are not deleted",
  '--offline': 'use only the local state, without calling Meta',
} as const;

export type DocumentOptions = OptionsOf<typeof DOCUMENT_OPTIONS>;
