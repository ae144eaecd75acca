import { MAX_BATCH_SIZE } from '../../graph/operations/batch.ts';
import { tooManyCalls } from '../graph/errors.ts';
import type { Handler } from './handler.ts';

/** @throws MetaError 100 if there are too many calls */
export const sendBatch: Handler<'sendBatch'> = async ({ parameters, token, dispatch }) => {
  const { batch, include_headers = true } = parameters;
  if (batch.length > MAX_BATCH_SIZE) throw tooManyCalls(MAX_BATCH_SIZE);
  const replies = await Promise.all(
    batch.map((call) => dispatch({ ...call, token: token?.value ?? '' })),
  );
  return replies.map((reply) => {
    if (reply === null) return null;
    const { status: code, headers, body } = reply;
    const list = Object.entries(headers).map(([name, value]) => ({ name, value }));
    return { code, ...(include_headers && { headers: list }), body };
  });
};
