import { PassThrough, Writable } from 'node:stream';
import { onTestFinished } from 'vitest';
import { main } from '../../src/main.ts';
import { CHEAP } from './cli.ts';
import { Screen } from './screen.ts';

interface Size {
  columns: number;
  rows?: number;
}

export interface VirtualSession {
  screen: Screen;
  /** Waits until the screen shows a string, and returns the lines above the cursor's end. */
  shows(wanted: string | RegExp): Promise<string>;
  send(...keys: string[]): Promise<void>;
  resize(size: Size): Promise<void>;
  /** Resolves to the exit code. */
  ended: Promise<number>;
}

const PATIENCE_MS = 10_000;
const POLL_MS = 5;

/** An output stream that looks like a terminal to the program. */
class ScreenStream extends Writable {
  readonly isTTY = true;
  /** Marks the stream as one that a pipe must not end, as Node.js does for stdout and stderr. */
  readonly _isStdio = true;
  columns: number;
  rows: number;
  readonly #screen: Screen;

  constructor(screen: Screen, columns: number, rows: number) {
    super({ decodeStrings: false });
    this.#screen = screen;
    this.columns = columns;
    this.rows = rows;
  }

  override _write(chunk: string | Buffer, _encoding: string, done: () => void): void {
    // As a terminal in raw mode of Node.js, which still adds the carriage return.
    this.#screen.write(String(chunk).replaceAll('\n', '\r\n'));
    done();
  }
}

/**
 * Runs a command in this process with streams that look like a terminal, and renders its output on
 * an emulated screen.
 */
export function virtualTerminal(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  { columns, rows = 24 }: Size,
): VirtualSession {
  const screen = new Screen(columns, rows);
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => stdin });
  const [stdout, stderr] = [0, 1].map(() => new ScreenStream(screen, columns, rows)) as [
    ScreenStream,
    ScreenStream,
  ];
  const interruption = new AbortController();
  onTestFinished(() => interruption.abort());
  const ended = main({
    argv: args,
    env: { TERM: 'xterm-256color', NO_COLOR: '1', ...env },
    stdin,
    stdout,
    stderr,
    signal: interruption.signal,
    commits: new Set(),
    openInBrowser: async () => {},
    nodeVersion: process.version,
    secretFileCost: CHEAP,
  });
  const settle = () => new Promise((resolve) => setTimeout(resolve, POLL_MS));
  return {
    screen,
    ended,
    async shows(wanted) {
      const end = Date.now() + PATIENCE_MS;
      for (;;) {
        const { text } = screen;
        if (typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text)) return text;
        if (Date.now() > end) throw new Error(`No ${wanted} on the screen:\n${text}`);
        await settle();
      }
    },
    async send(...keys) {
      for (const key of keys) {
        stdin.write(key);
        await settle();
      }
    },
    async resize({ columns: width, rows: height = 24 }) {
      screen.resize(width, height);
      for (const stream of [stdout, stderr]) {
        stream.columns = width;
        stream.rows = height;
        stream.emit('resize');
      }
      await settle();
    },
  };
}
