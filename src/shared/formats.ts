/** The output formats of a result. */
export const FORMATS = ['table', 'json', 'ndjson', 'yaml', 'tsv'] as const;
export type Format = (typeof FORMATS)[number];
