/** The maximum total size of the items that wait to be read or are being received. */
const MAX_QUEUED_BYTES = 20 * 1024 * 1024;

interface Sized {
  size: number;
}

/** An asynchronous queue for one reader, with limited room. An item takes room until it is read. */
export class BoundedQueue<Item extends Sized> implements AsyncIterable<Item> {
  readonly #items: Item[] = [];
  #reserved = 0;
  #isEnded = false;
  #wake: () => void = () => {};

  /** Reserves room for a part of an item. Returns false if there is not enough. */
  reserve(bytes: number): boolean {
    if (this.#reserved + bytes > MAX_QUEUED_BYTES) return false;
    this.#reserved += bytes;
    return true;
  }

  release(bytes: number): void {
    this.#reserved -= bytes;
  }

  /** Reduces a reservation to at most `bytes`, and returns its new size. */
  shrink(reserved: number, bytes: number): number {
    const rest = Math.min(reserved, bytes);
    this.release(reserved - rest);
    return rest;
  }

  push(item: Item): void {
    this.#items.push(item);
    this.#wake();
  }

  end(): void {
    this.#isEnded = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item> {
    for (;;) {
      const item = this.#items.shift();
      if (item !== undefined) {
        yield item;
        this.release(item.size);
      } else if (this.#isEnded) return;
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }
}
