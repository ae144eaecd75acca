import { expect, it } from 'vitest';
import { ChannelctlError } from '../../src/shared/errors.ts';

const GRAPH = {
  status: 400,
  code: 100,
  subcode: 33,
  type: 'OAuthException',
  message: 'Unsupported get request.',
  details: null,
  user_title: null,
  user_message: null,
  fbtrace_id: 'AbC',
  is_transient: false,
};

function original(): ChannelctlError {
  return new ChannelctlError('graph', 'Could not read the Page.', {
    reason: 'Meta returned code 100.',
    hint: 'Check the ID.',
    graph: GRAPH,
    cause: new Error('socket'),
  });
}

it('keeps the kind, Graph error, cause and stack when its text is replaced', () => {
  const error = original();
  const reworded = error.with({
    message: 'The Page was not connected.',
    reason: 'Meta returned code 100. No account was stored.',
    hint: 'Run it again.',
  });
  expect(reworded).toBeInstanceOf(ChannelctlError);
  expect(reworded).toMatchObject({
    kind: 'graph',
    message: 'The Page was not connected.',
    reason: 'Meta returned code 100. No account was stored.',
    hint: 'Run it again.',
    graph: GRAPH,
    cause: error.cause,
    stack: error.stack,
  });
});

it('replaces only the given parts, and does not change the original', () => {
  const error = original();
  const cause = new TypeError('fetch failed');
  expect(error.with({ graph: null, cause })).toMatchObject({
    message: error.message,
    reason: error.reason,
    hint: error.hint,
    graph: null,
    cause,
  });
  expect(error).toMatchObject({ graph: GRAPH, message: 'Could not read the Page.' });
});

it('describes an error without a reason by its message', () => {
  const error = new ChannelctlError('usage', 'Use either --active or --inactive.', { hint: 'x' });
  expect(error.reason).toBe('');
  expect(error.description).toBe('Use either --active or --inactive.');
  expect(original().description).toBe('Could not read the Page. Meta returned code 100.');
});
