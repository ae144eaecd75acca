import { z } from 'zod';
import type { ChannelctlError } from '../../shared/errors.ts';
import { readYaml, type YamlContent } from '../../shared/yaml-document.ts';
import { findDocumentIssues } from './check.ts';
import { documentError, type Issue, type Path } from './issue.ts';
import { type Document, documentSchema } from './schema.ts';

export interface ParsedDocument {
  document: Document;
  error(issues: readonly Issue[]): ChannelctlError;
}

/**
 * Parses a document and checks for issues that do not depend on the state.
 *
 * @param name the name of the document, for errors
 * @throws ChannelctlError `usage` with the line, column and path of the issues
 */
export function parseDocumentText(text: string, name: string): ParsedDocument {
  return checkDocument(readYaml(text, name), name);
}

export function checkDocument({ value, positionOf }: YamlContent, name: string): ParsedDocument {
  const error = (issues: readonly Issue[]) => documentError(name, issues, positionOf);
  const result = z.safeParse(documentSchema, value);
  if (!result.success) throw error(result.error.issues.flatMap(schemaIssues));
  const issues = findDocumentIssues(result.data);
  if (issues.length > 0) throw error(issues);
  return { document: result.data, error };
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

function schemaIssues(issue: z.core.$ZodIssue): Issue[] {
  const path = issue.path.filter((part): part is string | number => typeof part !== 'symbol');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key): Issue => ({ path: [...path, key], reason: 'is not a known key' }));
  }
  return [{ path, reason: formatReason(issue, path) }];
}

function formatReason(issue: z.core.$ZodIssue, path: Path): string {
  if (issue.code === 'invalid_type') {
    if (issue.message.endsWith('received undefined')) return 'is missing';
    return `is not ${TYPE_NAMES[issue.expected] ?? issue.expected}`;
  }
  if (issue.code === 'too_small') return 'is empty';
  if (issue.code === 'invalid_union' && path.at(-1) === 'get_started') {
    return 'is neither a payload nor {payload: …}';
  }
  const hasCustomMessage = /^(is|has|can) /.test(issue.message);
  return hasCustomMessage ? issue.message : 'is invalid';
}
