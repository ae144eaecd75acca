export interface Position {
  line: number;
  column: number;
}

/** Where a text stops being JSON; lines and columns count from 1. JSON.parse itself says so only at times. */
export function faultPosition(text: string): Position {
  const before = text.slice(0, faultIndex(text)).split('\n');
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
}

/** The length of the longest beginning of `text` that could still become JSON. */
function faultIndex(text: string): number {
  let sound = 0;
  let faulty = text.length + 1;
  while (faulty - sound > 1) {
    const middle = Math.floor((sound + faulty) / 2);
    if (couldBecomeJson(text.slice(0, middle))) sound = middle;
    else faulty = middle;
  }
  return sound;
}

/** True where nothing but the missing rest keeps `start` from being JSON. */
function couldBecomeJson(start: string): boolean {
  try {
    JSON.parse(start);
    return true;
  } catch (error) {
    const message = error instanceof Error ? error.message : '';
    const position = /at position (\d+)/.exec(message)?.[1];
    return /end of JSON input|^Unterminated string/.test(message) || position === `${start.length}`;
  }
}
