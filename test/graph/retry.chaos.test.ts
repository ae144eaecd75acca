import type { ServerResponse } from 'node:http';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { share } from '../support/chance.ts';
import { client, declared, failureOf, meta, metaError, reply, user } from './support.ts';

const page = { page_id: '1065' };
const register = declared({
  method: 'POST',
  sends: 'json',
  path: '/{page_id}/register',
  repeatable: false,
});

const trouble = fc.oneof(
  fc.record({
    how: fc.constant('answer' as const),
    status: fc.oneof(fc.constant(421), fc.integer({ min: 200, max: 599 })),
    code: fc.constantFrom(1, 2, 4, 17, 100, 190, 613, 80007, 133016),
    transient: fc.boolean(),
    retryAfter: fc.constantFrom(undefined, '0', '1', 'soon', '400'),
    isJson: fc.boolean(),
  }),
  fc.record({
    how: fc.constantFrom('cut' as const, 'cut in the head' as const, 'cut in the body' as const),
  }),
);
type Trouble = typeof trouble extends fc.Arbitrary<infer Value> ? Value : never;

function makeTrouble(what: Trouble, response: ServerResponse) {
  if (what.how === 'answer') {
    const { status, code, transient, retryAfter, isJson } = what;
    const error = metaError(code, { is_transient: transient }, status);
    const headers = retryAfter === undefined ? {} : { 'retry-after': retryAfter };
    return reply(response, { ...error, ...(isJson ? {} : { body: '<p>' }), headers });
  }
  if (what.how === 'cut in the head') response.socket?.write('HTTP/1.1 200 OK\r\ncontent-');
  if (what.how === 'cut in the body') {
    response.writeHead(200, { 'content-length': '100' }).write('{"success":');
  }
  setImmediate(() => response.socket?.destroy());
}

test('sends a non-repeatable call exactly once, whatever fails', {
  timeout: 120_000,
}, async () => {
  let next: Trouble = { how: 'cut' };
  const server = await meta((_, response) => {
    makeTrouble(next, response);
    return undefined;
  });
  const { call, slept } = client(server.url);
  await fc.assert(
    fc.asyncProperty(trouble, async (what) => {
      next = what;
      server.requests.length = 0;
      await failureOf(call(register, page, user));
      expect(server.requests).toHaveLength(1);
    }),
    { numRuns: share(1_000) },
  );
  expect(slept).toEqual([]);
});
