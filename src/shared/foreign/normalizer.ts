const BLOCK_LENGTH = 32_768;

/** Longer control sequences are not recognized, so that every text is read in linear time. */
const MAX_SEQUENCE_LENGTH = 256;

const SPACE = 32;
const BACKSLASH = 92;
const PERCENT = 37;
const AMPERSAND = 38;
const EQUALS = 61;
const ESCAPE = 27;
const CONTROL_SEQUENCE = 155;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/** By ASCII code: the unit of a character that needs no further reading, otherwise 0. */
const SIMPLE_UNITS = Uint8Array.from({ length: 128 }, (_, code) =>
  code <= SPACE || [BACKSLASH, PERCENT, AMPERSAND, EQUALS, 127].includes(code)
    ? 0
    : foldAscii(code),
);

/** Invisible characters, blanks and marks that are combined with the previous character. */
const IGNORED = /[\p{Default_Ignorable_Code_Point}\p{M}\p{Cc}\p{Cf}\p{Z}\s\u2800]/u;

const ENTITY = /&(?:amp;){0,3}(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,15}));/iy;

/** The characters by their names in lower case. An invisible character is an empty string. */
const ENTITIES: ReadonlyMap<string, string> = new Map([
  ...Object.entries({ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", plus: '+', equals: '=' }),
  ...Object.entries({ sol: '/', bsol: '\\', percnt: '%', num: '#', commat: '@', colon: ':' }),
  ...['nbsp', 'shy', 'zwj', 'zwnj', 'lrm', 'rlm', 'ensp', 'emsp', 'thinsp', 'newline', 'tab'].map(
    (name) => [name, ''] as const,
  ),
  ['zerowidthspace', ''],
]);

/**
 * Reads text in blocks of units, so that disguised text is read like the original: without case,
 * blanks, line breaks, invisible characters, accents and control sequences, and without the escapes
 * of URLs, JSON, HTML and quoted-printable. The two alphabets of base64 are the same.
 */
export class Normalizer {
  readonly units = new Uint8Array(BLOCK_LENGTH);
  /** By unit: the positions in the text where its characters start and end. */
  readonly starts = new Uint32Array(BLOCK_LENGTH);
  readonly ends = new Uint32Array(BLOCK_LENGTH);
  count = 0;
  #text = '';
  /** The position of the next character. */
  #at = 0;
  /** The unit of a blank and of a backslash; 0 if they are ignored. */
  readonly #blank: number;
  readonly #backslash: number;
  /** By code point; 0 if the character is ignored. */
  readonly #foreignUnits = new Map<number, number>();

  /** @param keepsBlanks whether blanks and backslashes are units, too */
  constructor({ keepsBlanks }: { keepsBlanks: boolean }) {
    this.#blank = keepsBlanks ? SPACE : 0;
    this.#backslash = keepsBlanks ? BACKSLASH : 0;
  }

  start(text: string): void {
    this.#text = text;
    this.#at = 0;
    this.count = 0;
  }

  /** Reads the next block. Returns false at the end of the text. */
  readBlock(): boolean {
    const { units, starts, ends } = this;
    const text = this.#text;
    let at = this.#at;
    let count = 0;
    while (at < text.length && count < BLOCK_LENGTH) {
      const code = text.charCodeAt(at);
      const unit = code < 128 ? SIMPLE_UNITS[code] : 0;
      if (unit) {
        units[count] = unit;
        starts[count] = at;
        at += 1;
        ends[count] = at;
        count += 1;
      } else {
        this.#at = at;
        this.count = count;
        this.#readSpecial(code);
        at = this.#at;
        count = this.count;
      }
    }
    this.#at = at;
    this.count = count;
    return at < text.length || count > 0;
  }

  #readSpecial(code: number): void {
    switch (code) {
      case BACKSLASH:
        this.#readBackslashes();
        break;
      case PERCENT:
        this.#readPercent();
        break;
      case AMPERSAND:
        this.#readEntity();
        break;
      case EQUALS:
        this.#readEquals();
        break;
      default: {
        const point = code < 128 ? code : (this.#text.codePointAt(this.#at) ?? code);
        this.#emit(point, this.#at + (point > 0xffff ? 2 : 1));
      }
    }
  }

  /** Reads an escape of JSON or JavaScript, also if its backslash is escaped itself. */
  #readBackslashes(): void {
    const text = this.#text;
    let at = this.#at;
    while (text.charCodeAt(at) === BACKSLASH) at += 1;
    const next = text.charAt(at);
    const digits = next === 'u' ? 4 : next === 'x' ? 2 : 0;
    const value = digits === 0 ? null : hexAt(text, at + 1, digits);
    if (value !== null) this.#emit(value, at + 1 + digits);
    else if (/[nrtbfv]/.test(next)) this.#at = at + 1;
    else if (/["'/]/.test(next)) this.#at = at;
    else this.#emit(BACKSLASH, at);
  }

  /** Reads an escape of URLs, also if its percent sign is escaped itself. */
  #readPercent(): void {
    const [first, end] = this.#byteAt(this.#at);
    if (first === null) this.#emit(PERCENT, this.#at + 1);
    else if (first < 0xc0) this.#emit(first, end);
    else this.#readPercentUtf8(first, end);
  }

  #readPercentUtf8(first: number, end: number): void {
    const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    const bytes = [first];
    let at = end;
    while (bytes.length < length) {
      const [next, after] = this.#byteAt(at);
      if (next === null) break;
      bytes.push(next);
      at = after;
    }
    this.#emit(Buffer.from(bytes).toString('utf8').codePointAt(0) ?? first, at);
  }

  #byteAt(at: number): [value: number | null, end: number] {
    const text = this.#text;
    if (text.charCodeAt(at) !== PERCENT) return [null, at];
    let digits = at + 1;
    const limit = digits + 2 * 3;
    while (digits < limit && text.startsWith('25', digits) && hexAt(text, digits + 2, 2) !== null) {
      digits += 2;
    }
    return [hexAt(text, digits, 2), digits + 2];
  }

  #readEntity(): void {
    const text = this.#text;
    ENTITY.lastIndex = this.#at;
    const next = text.charCodeAt(this.#at + 1) | 0x20;
    const match = next === 0x23 || (next >= 0x61 && next <= 0x7a) ? ENTITY.exec(text) : null;
    const end = this.#at + (match?.[0].length ?? 1);
    const [, decimal, hex, name = 'none'] = match ?? [];
    const known = ENTITIES.get(name.toLowerCase());
    if (decimal !== undefined) this.#emit(Number(decimal), end);
    else if (hex !== undefined) this.#emit(Number.parseInt(hex, 16), end);
    else if (known === undefined) this.#emit(AMPERSAND, this.#at + 1);
    else if (known === '') this.#at = end;
    else this.#emit(known.charCodeAt(0), end);
  }

  /** Ignores an equals sign at the end of a line, which continues the line in quoted-printable. */
  #readEquals(): void {
    const next = this.#text.charCodeAt(this.#at + 1);
    if (next === LINE_FEED || next === CARRIAGE_RETURN) this.#at += 2;
    else this.#emit(EQUALS, this.#at + 1);
  }

  /** Adds the unit of a character that ends at `end` of the text, unless it is ignored. */
  #emit(point: number, end: number): void {
    const unit = this.#unitOf(point);
    if (unit !== 0) {
      this.units[this.count] = unit;
      this.starts[this.count] = this.#at;
      this.ends[this.count] = end;
      this.count += 1;
    }
    this.#at = end;
    if (point === ESCAPE || point === CONTROL_SEQUENCE) this.#skipSequence(point);
  }

  /** Skips the rest of a control sequence, such as a colour or a link (ECMA-48, 5.4 and 8.3.89). */
  #skipSequence(start: number): void {
    const text = this.#text;
    const kind = text.charAt(this.#at);
    const limit = this.#at + MAX_SEQUENCE_LENGTH;
    if (start === CONTROL_SEQUENCE || kind === '[') {
      let at = start === CONTROL_SEQUENCE ? this.#at : this.#at + 1;
      while (at < limit && isBetween(text.charCodeAt(at), 0x20, 0x3f)) at += 1;
      this.#at = isBetween(text.charCodeAt(at), 0x40, 0x7e) ? at + 1 : at;
    } else if (kind === ']') {
      let at = this.#at + 1;
      while (at < limit && text.charCodeAt(at) >= 0x20) at += 1;
      if (text.charCodeAt(at) === 7) this.#at = at + 1;
      else if (text.startsWith('\u001b\\', at)) this.#at = at + 2;
    }
  }

  #unitOf(point: number): number {
    if (point === SPACE) return this.#blank;
    if (point === BACKSLASH) return this.#backslash;
    if (point < 128) return point < SPACE || point === 127 ? 0 : foldAscii(point);
    const known = this.#foreignUnits.get(point);
    if (known !== undefined) return known;
    const unit = point > 0x10ffff ? 0 : foldBeyondAscii(point);
    this.#foreignUnits.set(point, unit);
    return unit;
  }
}

/** Folds case, and the alphabet of base64url to that of base64. */
function foldAscii(code: number): number {
  const character = String.fromCharCode(code);
  if (character === '-') return 43; // +
  if (character === '_') return 47; // /
  return character.toLowerCase().charCodeAt(0);
}

function foldBeyondAscii(point: number): number {
  const character = String.fromCodePoint(point);
  if (IGNORED.test(character)) return 0;
  const [base = character] = character.normalize('NFKD').toLowerCase();
  const code = base.codePointAt(0) ?? point;
  return code < 128 ? foldAscii(code) : 128 | hashOf(code);
}

/** Returns a number from 0 to 127. */
function hashOf(code: number): number {
  return Math.imul(code, 0x9e3779b1) >>> 25;
}

function hexAt(text: string, at: number, digits: number): number | null {
  let value = 0;
  for (let index = at; index < at + digits; index += 1) {
    const code = text.charCodeAt(index) | 0x20;
    const isDigit = isBetween(text.charCodeAt(index), 0x30, 0x39);
    if (isDigit) value = value * 16 + code - 0x30;
    else if (isBetween(code, 0x61, 0x66)) value = value * 16 + code - 0x57;
    else return null;
  }
  return value;
}

function isBetween(code: number, least: number, most: number): boolean {
  return code >= least && code <= most;
}
