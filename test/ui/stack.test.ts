import { expect, test } from 'vitest';
import { ChannelctlError } from '../../src/shared/errors.ts';
import { Redactor } from '../../src/shared/redactor.ts';
import { renderStack } from '../../src/ui/output/stack.ts';

function stackOf(thrown: unknown, ...secrets: string[]): string[] {
  const redactor = new Redactor();
  for (const secret of secrets) redactor.add(secret);
  const text = renderStack(thrown, (shown) => redactor.redact(shown));
  expect(text).toMatch(/[^\n]\n$/);
  return text.trimEnd().split('\n');
}

function titles(lines: readonly string[]): string[] {
  return lines.filter((line) => !line.startsWith('    at '));
}

test('shows an error and each cause with its frames, and a cause that is not an error', () => {
  const cause = new TypeError('second', { cause: 'third' });
  const parts = { reason: 'Because.', hint: 'Next.', cause };
  const lines = stackOf(new ChannelctlError('internal', 'First.', parts));
  expect(titles(lines)).toEqual([
    'ChannelctlError: First. Because.',
    'caused by TypeError: second',
    'caused by third',
  ]);
  expect(lines[1]).toMatch(/^ {4}at .*test\/ui\/stack\.test\.ts:\d+:\d+\)?$/);
  expect(lines[1]).not.toContain(process.cwd());
  expect(lines[lines.indexOf('caused by TypeError: second') + 1]).toContain('stack.test.ts:');
});

test('shows an error that is its own cause once', () => {
  const error = new Error('circular');
  error.cause = error;
  expect(titles(stackOf(error))).toEqual(['Error: circular']);
});

test('redacts secrets in each message, and removes control characters', () => {
  const cause = new Error('the token is EAAB-secret');
  const lines = stackOf(
    new Error('sent\u001b[2J EAAB-secret\n\u202eagain', { cause }),
    'EAAB-secret',
  );
  expect(titles(lines)).toEqual([
    'Error: sent[2J [redacted] again',
    'caused by Error: the token is [redacted]',
  ]);
});

test('leaves frames without a file unchanged', () => {
  const error = new Error('in Node');
  error.stack = 'Error: in Node\n    at async Promise.all (index 0)\n    at node:fs:933:3';
  expect(stackOf(error).slice(1)).toEqual([
    '    at async Promise.all (index 0)',
    '    at node:fs:933:3',
  ]);
});
