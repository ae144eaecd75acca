import { expect, test } from 'vitest';
import { parseResponse, redactionBy } from '../../src/graph/http/response.ts';
import { operations } from '../../src/graph/operations/index.ts';
import { fetchAllPages } from '../../src/graph/paging.ts';
import { Redactor } from '../../src/shared/redactor.ts';

const parse = (text: string) =>
  parseResponse(
    { status: 400, headers: new Headers(), text },
    'graph.example',
    redactionBy(new Redactor()),
  );

test('names the limit that a response exceeds', () => {
  expect(parse('['.repeat(201))).toMatchObject({
    kind: 'unexpected',
    reason: expect.stringContaining('more than 200 levels'),
  });
});

test('cuts a long error message', () => {
  const { error } = parse(JSON.stringify({ error: { message: 'x'.repeat(50_000) } })) as {
    error: { message: string };
  };
  expect(error.message).toHaveLength(10_000);
});

test('ends a list of more than 250,000 items', async () => {
  const page = { data: new Array(250_001).fill(0), paging: { next: 'https://graph.example/' } };
  const list = fetchAllPages(operations.listPages, 'https://graph.example', 100, async () => page);
  await expect(list).rejects.toMatchObject({
    kind: 'graph',
    reason: expect.stringContaining('more than 250000 items'),
  });
});
