import { readFile } from 'node:fs/promises';
import { waitForJobs } from '../../src/cli/wait-for-jobs.ts';
import { countJob } from '../../src/shared/thread-pool.ts';

// A process that ends with code 8 while a job in the thread pool reads the named file.
const [path = ''] = process.argv.slice(2);
countJob(readFile(path)).catch(() => undefined);
setTimeout(async () => {
  await waitForJobs(process, 8);
  process.exit(8);
}, 100);
