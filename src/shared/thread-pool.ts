let jobs = 0;

/** Counts a job in the thread pool that Node.js does not list, such as the derivation of a key. */
export async function countJob<Result>(work: Promise<Result>): Promise<Result> {
  jobs += 1;
  try {
    return await work;
  } finally {
    jobs -= 1;
  }
}

export function countedJobs(): number {
  return jobs;
}
