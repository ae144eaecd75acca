import stringWidth from 'string-width';

const CSI = '\u009b';
/**
 * Matches one part of the output: text, a control character, or CSI with parameters and a letter.
 */
const TOKEN = /\u009b(\??)(\d*)(?:;\d+)*([A-Za-z])|\p{Cc}|\P{Cc}+/gu;
/** Matches a control sequence whose end has not been received. */
const CUT_OFF = /(?:\u009b[?\d;]*|\p{Cc})$/u;

/** Emulates as much of a terminal as prompts need. */
export class Screen {
  #rows: string[][] = [[]];
  /** The rows that continue on the next one because the line was too long. */
  #broken = new WeakSet<string[]>();
  #row = 0;
  #column = 0;
  #columns: number;
  #height: number;
  #pending = '';
  cursorVisible = true;

  constructor(columns: number, height: number) {
    this.#columns = columns;
    this.#height = height;
  }

  get lines(): string[] {
    return this.#rows.slice(-this.#height).map((row) => row.join('').trimEnd());
  }

  get text(): string {
    return this.lines.join('\n');
  }

  /** The lines that were wider than the terminal, each in one piece. */
  get brokenLines(): string[] {
    return this.#logicalLines()
      .filter((rows) => rows.length > 1)
      .map((rows) => rows.flat().join('').trimEnd());
  }

  /** Changes the size, and lays out broken lines again, as most terminals do. */
  resize(columns: number, height: number): void {
    const rows: string[][] = [];
    const cursor = this.#rows[this.#row];
    for (const line of this.#logicalLines()) {
      const before = line.slice(0, Math.max(0, line.indexOf(cursor ?? [])));
      const place = before.flat().length + this.#column;
      const pieces = piecesOf(line.flat(), columns);
      for (const piece of pieces.slice(0, -1)) this.#broken.add(piece);
      if (cursor !== undefined && line.includes(cursor)) {
        const piece = Math.min(Math.floor(place / columns), pieces.length - 1);
        this.#row = rows.length + piece;
        this.#column = Math.min(place - piece * columns, columns - 1);
      }
      rows.push(...pieces);
    }
    // The cursor stays visible: rows that no longer fit below it are lost.
    this.#rows = rows.slice(0, Math.max(height, this.#row + 1));
    this.#columns = columns;
    this.#height = height;
  }

  #logicalLines(): string[][][] {
    const lines: string[][][] = [];
    let isContinued = false;
    for (const row of this.#rows) {
      if (isContinued) lines.at(-1)?.push(row);
      else lines.push([row]);
      isContinued = this.#broken.has(row);
    }
    return lines;
  }

  write(text: string): void {
    const all = (this.#pending + text).replaceAll('\u001b[', CSI);
    this.#pending = all.endsWith('\n') ? '' : (CUT_OFF.exec(all)?.[0] ?? '');
    const whole = all.slice(0, all.length - this.#pending.length);
    for (const [token, mark, number, letter] of whole.matchAll(TOKEN)) {
      if (letter !== undefined) this.#control(letter, Number(number || 0), mark === '?');
      else if (token === '\r') this.#column = 0;
      else if (token === '\n') this.#lineFeed();
      else if (token === '\b') this.#column = Math.max(0, this.#column - 1);
      else if (!/\p{Cc}/u.test(token)) this.#print(token);
    }
  }

  #control(letter: string, number: number, isPrivate: boolean): void {
    const by = Math.max(number, 1);
    const top = Math.max(0, this.#rows.length - this.#height);
    if (isPrivate) {
      if (number === 25) this.cursorVisible = letter === 'h';
    } else if (letter === 'H') {
      this.#row = top;
      this.#column = 0;
    } else if (letter === 'A') this.#row = Math.max(top, this.#row - by);
    else if (letter === 'B') this.#row = Math.min(this.#rows.length - 1, this.#row + by);
    else if (letter === 'C') this.#column = Math.min(this.#columns - 1, this.#column + by);
    else if (letter === 'D') this.#column = Math.max(0, this.#column - by);
    else if (letter === 'G') this.#column = by - 1;
    else if (letter === 'K') this.#eraseLine(number);
    else if (letter === 'J') this.#eraseBelow();
    else if (letter !== 'm') throw new Error(`The screen does not support CSI ${number}${letter}.`);
  }

  #eraseLine(what: number): void {
    this.#broken.delete(this.#rows[this.#row] ?? []);
    if (what === 2) this.#rows[this.#row] = [];
    else this.#rows[this.#row]?.splice(this.#column);
  }

  #eraseBelow(): void {
    this.#eraseLine(0);
    this.#rows.splice(this.#row + 1);
  }

  #lineFeed(): void {
    this.#row += 1;
    if (this.#row === this.#rows.length) this.#rows.push([]);
  }

  #print(text: string): void {
    for (const { segment } of new Intl.Segmenter().segment(text)) {
      const width = stringWidth(segment);
      if (this.#column + width > this.#columns) {
        this.#broken.add(this.#rows[this.#row] ?? []);
        this.#lineFeed();
        this.#column = 0;
      }
      const row = this.#rows[this.#row] ?? [];
      while (row.length < this.#column) row.push(' ');
      // A wide character occupies its cell and an empty one after it.
      row.splice(this.#column, width, segment, ...Array<string>(Math.max(0, width - 1)).fill(''));
      this.#column += width;
    }
  }
}

/** Splits a line into rows of at most `columns` cells, without splitting a wide character. */
function piecesOf(cells: readonly string[], columns: number): string[][] {
  const pieces: string[][] = [[]];
  for (const [index, cell] of cells.entries()) {
    const room = columns - (pieces.at(-1)?.length ?? 0);
    const isWide = cells[index + 1] === '';
    if (room < (isWide ? 2 : 1)) pieces.push([]);
    pieces.at(-1)?.push(cell);
  }
  return pieces;
}
