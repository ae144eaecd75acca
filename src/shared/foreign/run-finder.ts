import { base64Pieces, type Stretch } from '../redactor.ts';
import { Normalizer } from './normalizer.ts';
import { WINDOW_LENGTH, WindowSet } from './window-set.ts';

/** Every run of eight characters of a secret of this length is found; a shorter secret as a whole. */
const MIN_SECRET_LENGTH = 12;

/** A run of this length is not a coincidence, even if it consists of words. */
const LONG_RUN_LENGTH = 16;

// A run of eight characters has at least ten digits of base64, or 16 of hex. Therefore, it is
// sufficient to know every third window of base64, and to find two adjacent windows of hex.
const BASE64_STEP = 3;
const HEX_STEP = 4;

/** A window with fewer visible characters is too common. */
const MIN_VISIBLE_LENGTH = 4;

/** Words of at least seven lower-case letters, which may have a capital in front. */
const WORDS = /(?<![\p{L}\p{N}])\p{Lu}?\p{Ll}{7,}(?![\p{L}\p{N}])/gu;

// Marks of windows.
const PLAIN = 1;
/** The window contains letters and digits, or capitals inside words. */
const RANDOM = 2;
const BASE64 = 4;
const HEX = 8;
/** The window belongs to a secret of eight units. The marks for nine to eleven follow. */
const SHORT = 16;

/** Whether text is to be printed, or is a value from Meta, which may share common words. */
export type TextKind = 'text' | 'value';

interface Run extends Stretch {
  units: number;
  /** The index of the last unit. */
  last: number;
  isRandom: boolean;
  /** Whether the run is not encoded. */
  isPlain: boolean;
}

/** What the finder knows. The lists may grow. */
export interface KnownText {
  readonly secrets: readonly string[];
  /** Return the user's own settings, which stay readable if they share a run with a secret. */
  readonly settings: readonly (() => Iterable<string>)[];
}

interface FoundWindow {
  first: number;
  last: number;
  marks: number;
  /** The index of its last unit. */
  index: number;
  /** Its end in the text. */
  end: number;
}

type Visit = (window: FoundWindow) => void;

/** The number of units whose start is remembered: more than the longest stretch of one find. */
const REMEMBERED = 16;

/**
 * Finds runs of secrets in text that channelctl did not write, even if they are disguised: see
 * `Normalizer`. The time is proportional to the length of the text, regardless of the number of
 * secrets.
 */
export class RunFinder {
  readonly #normalizer = new Normalizer({ keepsBlanks: false });
  readonly #spacedNormalizer = new Normalizer({ keepsBlanks: true });
  readonly #secrets = new WindowSet();
  /** Windows of secrets with blanks or backslashes, which the normalizer ignores. */
  readonly #spaced = new WindowSet();
  readonly #readable = new WindowSet();
  readonly #words = new Set<string>();
  /** By unit, modulo `REMEMBERED`: its start in the text. */
  readonly #starts = new Uint32Array(REMEMBERED);
  readonly #known: KnownText;
  #addedSecrets = 0;
  #addedSettings = 0;

  constructor(known: KnownText) {
    this.#known = known;
  }

  find(text: string, kind: TextKind): Stretch[] {
    const { secrets } = this.#known;
    for (; this.#addedSecrets < secrets.length; this.#addedSecrets += 1) {
      this.#addSecret(secrets[this.#addedSecrets] ?? '');
    }
    const runs = this.#runsIn(text, this.#normalizer, this.#secrets);
    if (!this.#spaced.isEmpty)
      runs.push(...this.#runsIn(text, this.#spacedNormalizer, this.#spaced));
    return runs.filter(
      ({ from, to, units, isRandom, isPlain }) =>
        (kind === 'text' || isRandom || units >= LONG_RUN_LENGTH) &&
        !(isPlain && this.#isCommon(text.slice(from, to))),
    );
  }

  #addSecret(secret: string): void {
    for (const word of secret.match(WORDS) ?? []) {
      if (word.length < secret.length) this.#words.add(word.toLowerCase());
    }
    const units = this.#addPlain(secret);
    // The encoding of forms writes a space as a plus sign.
    if (secret.includes(' ')) this.#addPlain(secret.replaceAll(' ', '+'));
    if (units < secret.length && secret.length >= MIN_SECRET_LENGTH) this.#addSpaced(secret);
    const bytes = Buffer.from(secret, 'utf8');
    this.#addEncoded(bytes.toString('hex'), HEX, HEX_STEP);
    for (const offset of [0, 1, 2]) {
      const [piece] = base64Pieces(bytes, offset);
      this.#addEncoded(piece?.text ?? '', BASE64, BASE64_STEP);
    }
  }

  #addPlain(secret: string): number {
    const windows: { first: number; last: number; source: string }[] = [];
    const units = this.#eachWindow(
      this.#normalizer,
      secret,
      null,
      ({ first, last, index, end }) => {
        windows.push({
          first,
          last,
          source: secret.slice(this.#startOf(index, WINDOW_LENGTH), end),
        });
      },
    );
    const isLong = secret.length >= MIN_SECRET_LENGTH;
    const mark = isLong ? PLAIN : SHORT << (units - WINDOW_LENGTH);
    for (const { first, last, source } of windows) {
      this.#secrets.add(first, last, isLong && isRandom(source) ? mark | RANDOM : mark);
    }
    return units;
  }

  #addSpaced(secret: string): void {
    const windows: { first: number; last: number; source: string }[] = [];
    this.#eachWindow(this.#spacedNormalizer, secret, null, ({ first, last, index, end }) => {
      windows.push({ first, last, source: secret.slice(this.#startOf(index, WINDOW_LENGTH), end) });
    });
    for (const { first, last, source } of windows) {
      const visible = this.#eachWindow(this.#normalizer, source, null, () => {});
      if (visible < WINDOW_LENGTH && visible >= MIN_VISIBLE_LENGTH) {
        this.#spaced.add(first, last, PLAIN);
      }
    }
  }

  #addEncoded(text: string, mark: number, step: number): void {
    this.#eachWindow(this.#normalizer, text, null, ({ first, last, index }) => {
      if ((index + 1) % step === WINDOW_LENGTH % step) this.#secrets.add(first, last, mark);
    });
  }

  #runsIn(text: string, normalizer: Normalizer, secrets: WindowSet): Run[] {
    const runs: Run[] = [];
    const parts = new PartCounter();
    this.#eachWindow(normalizer, text, secrets, ({ marks, index, end }) => {
      const units = parts.unitsFound(marks, index);
      if (units === 0) return;
      const isPlain = (marks & PLAIN) !== 0;
      addRun(runs, {
        from: this.#startOf(index, units),
        to: end,
        last: index,
        units,
        isRandom: !isPlain || (marks & RANDOM) !== 0,
        isPlain,
      });
    });
    return runs;
  }

  /** Whether a run is only a word, such as "business", or occurs in the user's own settings. */
  #isCommon(run: string): boolean {
    return this.#words.has(run.toLowerCase()) || this.#isReadable(run);
  }

  #isReadable(source: string): boolean {
    const { settings } = this.#known;
    for (; this.#addedSettings < settings.length; this.#addedSettings += 1) {
      for (const setting of settings[this.#addedSettings]?.() ?? []) this.#addReadable(setting);
    }
    let isReadable = false;
    let isSecret = false;
    this.#eachWindow(this.#normalizer, source, null, ({ first, last }) => {
      if (this.#readable.marksOf(first, last) === 0) isSecret = true;
      else isReadable = true;
    });
    return isReadable && !isSecret;
  }

  #addReadable(setting: string): void {
    this.#eachWindow(this.#normalizer, setting, null, ({ first, last }) => {
      this.#readable.add(first, last, 1);
    });
  }

  /** Returns where the last `units` units up to `lastIndex` start in the text. */
  #startOf(lastIndex: number, units: number): number {
    return this.#starts[(lastIndex - units + 1) % REMEMBERED] ?? 0;
  }

  /**
   * Calls `visit` with the windows of text that `among` contains, and returns the number of units
   * of the text.
   *
   * @param among null for all windows
   */
  #eachWindow(normalizer: Normalizer, text: string, among: WindowSet | null, visit: Visit): number {
    const { units, starts, ends } = normalizer;
    const recentStarts = this.#starts;
    let index = 0;
    let first = 0;
    let last = 0;
    normalizer.start(text);
    while (normalizer.readBlock()) {
      const { count } = normalizer;
      for (let at = 0; at < count; at += 1) {
        first = (first << 8) | (last >>> 24);
        last = (last << 8) | (units[at] as number);
        recentStarts[index % REMEMBERED] = starts[at] as number;
        index += 1;
        const marks = among === null ? 1 : among.marksOf(first, last);
        if (marks === 0 || index < WINDOW_LENGTH) continue;
        visit({ first, last, marks, index: index - 1, end: ends[at] as number });
      }
    }
    return index;
  }
}

/** Determines how much of a secret has been found, from the marks of successive windows. */
class PartCounter {
  #lastHex = -HEX_STEP - 1;
  /** By length of a short secret: the last window found, and the number of successive ones. */
  readonly #parts = new Map<number, { index: number; count: number }>();

  /** Returns the number of units that end at a window; 0 if they do not suffice. */
  unitsFound(marks: number, index: number): number {
    let units = (marks & (PLAIN | BASE64)) === 0 ? 0 : WINDOW_LENGTH;
    if ((marks & HEX) !== 0) {
      if (this.#lastHex === index - HEX_STEP) units = WINDOW_LENGTH + HEX_STEP;
      this.#lastHex = index;
    }
    if (marks >= SHORT) {
      for (let length = WINDOW_LENGTH; length < MIN_SECRET_LENGTH; length += 1) {
        if ((marks & (SHORT << (length - WINDOW_LENGTH))) === 0) continue;
        const part = this.#parts.get(length);
        const count = part?.index === index - 1 ? part.count + 1 : 1;
        this.#parts.set(length, { index, count });
        if (count > length - WINDOW_LENGTH) units = Math.max(units, length);
      }
    }
    return units;
  }
}

function addRun(runs: Run[], run: Run): void {
  const before = runs.at(-1);
  if (before === undefined || run.from > before.to) {
    runs.push(run);
    return;
  }
  before.from = Math.min(before.from, run.from);
  before.to = run.to;
  before.units += run.last - before.last;
  before.last = run.last;
  before.isRandom ||= run.isRandom;
  before.isPlain &&= run.isPlain;
}

function isRandom(source: string): boolean {
  return (
    (/\d/.test(source) && /\p{L}/u.test(source)) || /\p{Ll}\p{Lu}|\p{Lu}{2}\p{Ll}/u.test(source)
  );
}
