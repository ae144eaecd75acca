import { ChannelctlError } from './errors.ts';
import { joinSentences } from './text.ts';

export interface Continuation {
  /** A sentence that reports what is stored or was done at Meta. */
  done: string;
  /** A sentence that names the command that continues. */
  next: string;
}

/** Runs `work` after steps that are not undone. Its error then also reports them. */
export async function afterSteps<Result>(
  continuation: Continuation,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof ChannelctlError ? continued(error, continuation) : error;
  }
}

export function continued(error: ChannelctlError, { done, next }: Continuation): ChannelctlError {
  return error.with({
    reason: joinSentences(error.reason, done),
    // The hint of an interruption is to start over.
    hint: error.kind === 'cancelled' ? next : joinSentences(error.hint, next),
  });
}
