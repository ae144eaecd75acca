import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

const SAMPLE = fileURLToPath(new URL('command.ts', import.meta.url));
const CONFIG = fileURLToPath(new URL('../../tsconfig.json', import.meta.url));
const TIME_LIMIT_MS = 60_000;

const source = readFileSync(SAMPLE, 'utf8');
const { options } = ts.parseJsonConfigFileContent(
  ts.readConfigFile(CONFIG, ts.sys.readFile).config,
  ts.sys,
  fileURLToPath(new URL('../..', import.meta.url)),
);
let compiled: ts.Program | undefined;

function errorsAfter(before: string, after: string): string[] {
  expect(source).toContain(before);
  return errorsIn(source.replaceAll(before, after));
}

function errorsIn(text: string): string[] {
  const host = ts.createCompilerHost(options);
  const { getSourceFile } = host;
  host.getSourceFile = (name, target) =>
    name === SAMPLE
      ? ts.createSourceFile(name, text, target)
      : (compiled?.getSourceFile(name) ?? getSourceFile.call(host, name, target));
  compiled = ts.createProgram([SAMPLE], options, host);
  return compiled
    .getSemanticDiagnostics(compiled.getSourceFile(SAMPLE))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

describe('the types of a command', { timeout: TIME_LIMIT_MS }, () => {
  test('accept a command whose options and fields exist', () => {
    expect(errorsIn(source)).toEqual([]);
  });

  test.each([
    ["'--division-id <id>'", "'--department-id <id>'", 'divisionId'],
    ["'--no-register'", "'--no-enrol'", 'register'],
    ["'-f, --file <path|->'", "'-f, --document <path|->'", 'file'],
    ["'<account>'", "'<name>'", 'account'],
    ["'[color]'", "'[colour]'", 'color'],
  ])('reject a reader of %s once it is %s', (before, after, name) => {
    const errors = errorsAfter(before, after);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(`Property '${name}' does not exist`);
  });

  test.each([
    ['is no longer always set', ", default: '7d'", ''],
    ['no longer takes several values', ', isRepeatable: true', ''],
  ])('reject a reader of an option that %s', (_title, before, after) => {
    expect(errorsAfter(before, after)).toHaveLength(1);
  });

  test.each([
    ['a field', "fields: ['id',", "fields: ['name',", '"name"'],
    ['a nested field', "'graph.code'", "'graph.codes'", 'graph.codes'],
    ['a field of a value without fields', "'config.*'", "'id.*'", '"id.*"'],
    ['a column', "columns: ['id',", "columns: ['name',", '"name"'],
    ['a formatted column', 'formatters: { problems:', 'formatters: { problem:', "'problem'"],
    ['a column that is truncated', "truncatable: ['id']", "truncatable: ['name']", '"name"'],
    ['a column that is dropped', "droppable: ['problems']", "droppable: ['problem']", '"problem"'],
    [
      'a field that run no longer returns',
      'return { id: divisionId',
      'return { ids: divisionId',
      '"id"',
    ],
  ])('reject %s that the data does not have', (_title, before, after, named) => {
    expect(errorsAfter(before, after).join('\n')).toContain(named);
  });
});
