import { readInput } from '../../shared/read-input.ts';
import type { Input, Output } from '../../shared/streams.ts';
import { stripControlCharacters } from '../../shared/text.ts';
import type { Style } from '../output/style.ts';
import { terminalWidth, wrapText } from '../output/wrap.ts';
import type { Progress, Terminal } from './terminal.ts';

export interface TerminalOptions {
  stdin: Input;
  stderr: Output;
  /** Whether prompts are allowed: false with `--no-input` and in CI. */
  mayAsk: boolean;
  quiet: boolean;
  style: Style;
  signal: AbortSignal;
  redact(text: string): string;
}

/** Longer than any URL. The input ends at a longer line. */
const MAX_LINE_LENGTH = 1024 * 1024;

const CLEAR_LINE = '\r\u001b[2K';

export function nodeTerminal(options: TerminalOptions): Terminal {
  const { stdin, stderr, signal, quiet, style } = options;
  const place = { input: stdin, output: stderr, signal, style };
  let running: string | undefined;
  let isPrompting = false;

  const hideProgress = () => {
    if (running !== undefined && !isPrompting) stderr.write(CLEAR_LINE);
  };
  const showProgress = () => {
    if (running !== undefined && !isPrompting) stderr.write(CLEAR_LINE + running);
  };
  const printRaw = (line: string) => {
    hideProgress();
    stderr.write(`${line}\n`);
    showProgress();
  };
  const lend = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    hideProgress();
    isPrompting = true;
    try {
      return await work();
    } finally {
      isPrompting = false;
      showProgress();
    }
  };
  const prompt = async <Answer>(
    ask: (prompts: typeof import('./prompts.ts')) => Promise<Answer>,
  ): Promise<Answer> => {
    const prompts = await import('./prompts.ts');
    return lend(() => ask(prompts));
  };
  const print = (line: string) => {
    printRaw(wrapText(options.redact(line), terminalWidth(stderr)));
  };

  return {
    interactive: options.mayAsk && stdin.isTTY === true && stderr.isTTY === true,
    style,
    print,
    printRaw,
    hint(line) {
      if (stderr.isTTY && !quiet) print(line);
    },
    progress(text): Progress {
      if (!stderr.isTTY || quiet) return { update() {}, stop() {} };
      const show = (next: string) => {
        running = `${stripControlCharacters(next)} …`;
        showProgress();
      };
      show(text);
      return {
        update: show,
        stop() {
          hideProgress();
          running = undefined;
        },
      };
    },
    confirm: (question) =>
      prompt((prompts) => prompts.confirm(place, stripControlCharacters(question))),
    askText: (question, wishes) =>
      prompt((prompts) => prompts.askText(place, stripControlCharacters(question), wishes)),
    chooseOne: (question, choices) =>
      prompt((prompts) => prompts.chooseOne(place, stripControlCharacters(question), choices)),
    chooseMany: (question, choices) =>
      prompt((prompts) => prompts.chooseMany(place, question, choices)),
    lend,
    lines: (until) => linesOf(stdin, until),
    readAll: () => readInput(stdin, 'The input from stdin', signal),
  };
}

async function* linesOf(stdin: Input, signal: AbortSignal): AsyncIterable<string> {
  const { createInterface } = await import('node:readline');
  const reader = createInterface({ input: stdin, terminal: false });
  const close = () => reader.close();
  let length = 0;
  const measure = (chunk: Buffer | string) => {
    const end = chunk.lastIndexOf('\n');
    length = end < 0 ? length + chunk.length : chunk.length - end - 1;
    if (length > MAX_LINE_LENGTH) close();
  };
  stdin.on('data', measure);
  signal.addEventListener('abort', close, { once: true });
  try {
    if (!signal.aborted) yield* reader;
  } finally {
    signal.removeEventListener('abort', close);
    stdin.off('data', measure);
    reader.close();
    stdin.pause();
  }
}
