import type { Readable, Writable } from 'node:stream';

export type Input = Readable & { isTTY?: boolean };

/** An output of one invocation. `columns` is the width of a terminal. */
export type Output = Writable & { isTTY?: boolean; columns?: number };
