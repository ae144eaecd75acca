export const FORMATS = ['table', 'json', 'ndjson', 'yaml', 'tsv'] as const;
export type Format = (typeof FORMATS)[number];
