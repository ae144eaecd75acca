import { useEffect, useRef, useState } from '@inquirer/core';
import stringWidth from 'string-width';
import type { Output } from '../../shared/streams.ts';

/** What a prompt has drawn: the part down to the cursor, and the part below it. */
interface Frame {
  content: string;
  bottom: string;
  /** The width of the terminal when it was drawn. */
  columns: number;
}

/**
 * Draws the prompt again when the size of the terminal changes. The terminal has then broken the
 * lines at other places, so that Inquirer would erase the wrong ones.
 *
 * @returns a reference to set to what was drawn
 */
export function useFrame(screen: Output): { current: Frame | undefined } {
  const frame = useRef<Frame | undefined>(undefined);
  const [, setResizes] = useState(0);
  useEffect(() => {
    let resizes = 0;
    const onResize = () => {
      if (frame.current !== undefined) screen.write(erase(frame.current, screen));
      resizes += 1;
      setResizes(resizes);
    };
    screen.on('resize', onResize);
    return () => screen.off('resize', onResize);
  }, []);
  return frame;
}

/**
 * Returns the control sequences that erase a frame and leave the cursor where Inquirer, which
 * erases as many lines as it has drawn, ends at the first line of the frame.
 */
function erase({ content, bottom, columns }: Frame, screen: Output): string {
  const lines = content.split('\n');
  const above = rowsOf(lines.slice(0, -1), screen.columns || columns);
  const cursor = Math.floor(stringWidth(lines.at(-1) ?? '') / (screen.columns || columns));
  const below = rowsOf(bottom.split('\n'), columns);
  const drawn = rowsOf(lines, columns) + below;
  return `${up(above + cursor)}\r\u001b[J${'\n'.repeat(drawn - 1)}${up(below)}`;
}

function rowsOf(lines: readonly string[], columns: number): number {
  const rows = lines.map((line) => Math.max(1, Math.ceil(stringWidth(line) / columns)));
  return rows.reduce((sum, count) => sum + count, 0);
}

function up(rows: number): string {
  return rows === 0 ? '' : `\u001b[${rows}A`;
}
