export const WINDOW_LENGTH = 8;

const INITIAL_LENGTH = 1024;

/**
 * A set of windows of eight units, each with marks. A window is passed as its first and its last
 * four units. Takes nine bytes per place, so that it can contain thousands of tokens.
 */
export class WindowSet {
  #firsts = new Int32Array(INITIAL_LENGTH);
  #lasts = new Int32Array(INITIAL_LENGTH);
  #marks = new Uint8Array(INITIAL_LENGTH);
  #size = 0;

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  /** @param marks a bit mask from 1 to 255; it is added to the marks that the window has */
  add(first: number, last: number, marks: number): void {
    if (this.#size * 2 > this.#marks.length) this.#grow();
    const at = this.#placeOf(first, last);
    if (this.#marks[at] === 0) this.#size += 1;
    this.#firsts[at] = first;
    this.#lasts[at] = last;
    this.#marks[at] = (this.#marks[at] ?? 0) | marks;
  }

  /** Returns the marks of a window; 0 if the set does not contain it. */
  marksOf(first: number, last: number): number {
    const marks = this.#marks;
    if (marks[hashOf(first, last) & (marks.length - 1)] === 0) return 0;
    return marks[this.#placeOf(first, last)] ?? 0;
  }

  /** Returns the place of a window, or the free place for it. */
  #placeOf(first: number, last: number): number {
    const marks = this.#marks;
    const mask = marks.length - 1;
    let at = hashOf(first, last) & mask;
    while (marks[at] !== 0 && (this.#lasts[at] !== last || this.#firsts[at] !== first)) {
      at = (at + 1) & mask;
    }
    return at;
  }

  #grow(): void {
    const [firsts, lasts, marks] = [this.#firsts, this.#lasts, this.#marks];
    const length = marks.length * 2;
    this.#firsts = new Int32Array(length);
    this.#lasts = new Int32Array(length);
    this.#marks = new Uint8Array(length);
    for (let at = 0; at < marks.length; at += 1) {
      if (marks[at] === 0) continue;
      const [first = 0, last = 0] = [firsts[at], lasts[at]];
      const place = this.#placeOf(first, last);
      this.#firsts[place] = first;
      this.#lasts[place] = last;
      this.#marks[place] = marks[at] ?? 0;
    }
  }
}

function hashOf(first: number, last: number): number {
  let hash = Math.imul(last ^ (last >>> 15), 0x2c1b3c6d) ^ first;
  hash = Math.imul(hash ^ (hash >>> 13), 0x297a2d39);
  return hash ^ (hash >>> 16);
}
