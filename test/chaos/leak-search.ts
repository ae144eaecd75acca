const RUN_LENGTH = 8;

const html = (text: string) =>
  text.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`).replaceAll('&#38;', '&amp;');

const escaped = (prefix: string, digits: number) => (text: string) =>
  text.replace(/[\s\S]/g, (one) => prefix + one.charCodeAt(0).toString(16).padStart(digits, '0'));

function base64At(offset: number): (text: string) => string {
  return (text) => {
    const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(text)]);
    const [start, end] = [offset * 8, bytes.length * 8];
    return bytes.toString('base64').slice(Math.ceil(start / 6), Math.floor(end / 6));
  };
}

const ENCODINGS: readonly ((text: string) => string)[] = [
  (text) => text,
  encodeURIComponent,
  (text) => new URLSearchParams({ s: text }).toString().slice(2),
  (text) => JSON.stringify(text).slice(1, -1),
  (text) => Buffer.from(text).toString('hex'),
  base64At(0),
  base64At(1),
  base64At(2),
  html,
  escaped('\\u', 4),
];

const COLOUR = new RegExp(`${'\u001b'}\\[[0-9;]*m`, 'g');

/** Searches for the runs of eight characters of secrets, in ten encodings and in any case. */
export class LeakSearch {
  /** Caches the needles of each secret. */
  readonly #needles = new Map<string, Set<string>>();

  leaksIn(text: string, secrets: Iterable<string>): string[] {
    const visible = text
      .replace(COLOUR, '')
      .replace(/[\p{M}\p{Cf}\p{Cc}\s]/gu, '')
      .toLowerCase();
    const found = [...secrets].flatMap((secret) =>
      [...this.#needlesOf(secret)].filter((needle) => visible.includes(needle)),
    );
    return [...new Set(found)];
  }

  #needlesOf(secret: string): Set<string> {
    const known = this.#needles.get(secret);
    if (known !== undefined) return known;
    const needles = new Set<string>();
    for (let at = 0; at + RUN_LENGTH <= secret.length; at += 1) {
      const run = secret.slice(at, at + RUN_LENGTH);
      for (const encode of ENCODINGS) {
        needles.add(encode(run).replace(/\s/g, '').toLowerCase());
      }
    }
    this.#needles.set(secret, needles);
    return needles;
  }
}
