import { count } from '../../shared/text.ts';
import type { Progress, Terminal } from '../../ui/terminal/terminal.ts';

export async function withProgress<Result>(
  terminal: Pick<Terminal, 'progress'>,
  text: string,
  work: (progress: Progress) => Promise<Result>,
): Promise<Result> {
  const progress = terminal.progress(text);
  try {
    return await work(progress);
  } finally {
    progress.stop();
  }
}

export function countItems(
  progress: Progress,
  text: string,
  total: number,
  noun: string,
): () => void {
  let done = 0;
  return () => {
    done += 1;
    progress.update(`${text}: ${done} of ${count(total, noun)}`);
  };
}
