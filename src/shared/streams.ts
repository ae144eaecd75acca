import type { Readable, Writable } from 'node:stream';

/** The input of one invocation: a terminal, a pipe or a file. */
export type Input = Readable & { isTTY?: boolean };

/** An output of one invocation. `columns` is the width of a terminal. */
export type Output = Writable & { isTTY?: boolean; columns?: number };
