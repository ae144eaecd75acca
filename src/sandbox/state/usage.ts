const HOUR_MS = 60 * 60 * 1000;

export class CallCounter {
  readonly #times = new Map<string, number[]>();

  /**
   * Counts one call.
   *
   * @returns the number of the app's calls in the last hour
   */
  count(appId: string, now: number): number {
    const times = (this.#times.get(appId) ?? []).filter((time) => time > now - HOUR_MS);
    times.push(now);
    this.#times.set(appId, times);
    return times.length;
  }
}
