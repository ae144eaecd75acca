import { spawn } from '@lydell/node-pty';
import { onTestFinished } from 'vitest';
import { PROGRAM } from './cli.ts';
import { Screen } from './screen.ts';

export const KEY = {
  up: '\x1b[A',
  down: '\x1b[B',
  pageUp: '\x1b[5~',
  pageDown: '\x1b[6~',
  home: '\x1b[H',
  end: '\x1b[F',
  enter: '\r',
  space: ' ',
  tab: '\t',
  escape: '\x1b',
  backspace: '\x7f',
  ctrlC: '\x03',
  ctrlD: '\x04',
} as const;

export interface TerminalOptions {
  env: Record<string, string>;
  columns?: number;
  rows?: number;
  /** A redirection in the shell, such as `>file`. */
  redirect?: string;
}

export interface Session {
  screen: Screen;
  written(): string;
  send(...keys: string[]): void;
  shows(wanted: string | RegExp): Promise<string>;
  /**
   * Waits for the program to exit. Returns its code and whether the terminal's modes were restored.
   */
  end(): Promise<{ code: number; isSane: boolean }>;
}

/**
 * A script that runs the program, survives the Ctrl-C meant for it, and adds 1000 to its exit code
 * if it does not restore the terminal's modes.
 */
const SHELL = `trap : INT
before=$(stty -g)
eval "\\"\\$@\\" $REDIRECT"
code=$?
[ "$(stty -g)" = "$before" ] || code=$((code + 1000))
printf '[ended %s]' "$code"`;

const PATIENCE_MS = 10_000;

export function terminal(args: readonly string[], options: TerminalOptions): Session {
  const { columns = 80, rows = 24 } = options;
  const argv = ['-c', SHELL, 'sh', process.execPath, PROGRAM, ...args];
  const pty = spawn('sh', argv, {
    cols: columns,
    rows,
    name: 'xterm-256color',
    env: { ...options.env, TERM: 'xterm-256color', REDIRECT: options.redirect ?? '' },
  });
  const screen = new Screen(columns, rows);
  let written = '';
  const listeners = new Set<() => void>();
  pty.onData((text) => {
    written += text;
    screen.write(text);
    for (const listener of listeners) listener();
  });

  const until = <Found>(find: () => Found | null, wanted: string) =>
    new Promise<Found>((resolve, reject) => {
      const stop = () => {
        clearTimeout(timer);
        listeners.delete(look);
      };
      const timer = setTimeout(() => {
        stop();
        reject(new Error(`No ${wanted} on the screen:\n${screen.text}`));
      }, PATIENCE_MS);
      const look = () => {
        const found = find();
        if (found === null) return;
        stop();
        resolve(found);
      };
      listeners.add(look);
      look();
    });

  const closed = new Promise<void>((resolve) => pty.onExit(() => resolve()));
  onTestFinished(() => {
    pty.kill('SIGKILL');
    return closed;
  });
  return {
    screen,
    written: () => written,
    send: (...keys) => pty.write(keys.join('')),
    shows: (wanted) =>
      until(() => {
        const { text } = screen;
        const isThere = typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text);
        return isThere ? text : null;
      }, String(wanted)),
    async end() {
      const [, status] = await until(() => /\[ended (\d+)\]/.exec(written), 'end');
      const code = Number(status);
      return { code: code % 1000, isSane: code < 1000 };
    },
  };
}
