export const REPLACEMENT = '[redacted]';

/** Shorter secrets are not redacted. Forms are indexed by a prefix of this length. */
const MIN_SECRET_LENGTH = 4;

/** A shorter piece of base64 would match ordinary text by chance. */
const MIN_PIECE_LENGTH = 6;

interface Form {
  text: string;
  /** Whether the character before `text` also contains bits of the secret. */
  reachesBack: boolean;
  /** Whether the character after `text` also contains bits of the secret. */
  reachesOn: boolean;
}

export interface Stretch {
  from: number;
  to: number;
}

interface RunSearch {
  find(text: string, kind: 'text' | 'value'): Stretch[];
}

/**
 * Removes from output every secret that this process has used: plain, URL-encoded, JSON-escaped, in
 * hex, and in base64, even inside a longer base64 value.
 *
 * The time to redact a string is proportional to its length, regardless of the number of secrets.
 */
export class Redactor {
  readonly secrets: string[] = [];
  readonly settings: (() => Iterable<string>)[] = [];
  /** Finds runs of the secrets; created with the first text that channelctl did not write. */
  runs: RunSearch | null = null;
  readonly #known = new Set<string>();
  /** By start, then by length, because tokens of one app share their start. */
  readonly #formsByStart = new Map<string, Map<number, Map<string, Form>>>();
  /** By hash: 1 if a form starts with characters of this hash. Most text needs no other check. */
  readonly #startHashes = new Uint8Array(2 ** 16);

  /**
   * Redacts `secret` in every encoding from now on. Ignores secrets shorter than four characters,
   * and the ID in an app access token (`700|…`).
   */
  add(given: string): void {
    const secret = given.replace(/^\d+\|/, '');
    if (secret.length < MIN_SECRET_LENGTH || this.#known.has(secret)) return;
    this.#known.add(secret);
    this.secrets.push(secret);
    for (const form of formsOf(secret)) {
      const start = form.text.slice(0, MIN_SECRET_LENGTH);
      this.#startHashes[hashOf(start)] = 1;
      const byLength = getOrCreate(this.#formsByStart, start);
      getOrCreate(byLength, form.text.length).set(form.text, form);
    }
  }

  /** Keeps the user's own settings readable that share a run with a secret. */
  keepReadable(settings: () => Iterable<string>): void {
    this.settings.push(settings);
  }

  redact(text: string): string {
    return withoutStretches(text, this.stretches(text));
  }

  /** Returns the positions of secrets, in order. Overlapping ones are merged. */
  stretches(text: string): Stretch[] {
    const stretches: Stretch[] = [];
    if (this.secrets.length === 0) return stretches;
    let hash = 0;
    for (let end = 1; end <= text.length; end += 1) {
      hash = nextHash(hash, text.charCodeAt(end - 1));
      if (this.#startHashes[hash] === 0) continue;
      const at = end - MIN_SECRET_LENGTH;
      if (at < 0) continue;
      for (const [length, forms] of this.#formsByStart.get(text.slice(at, end)) ?? []) {
        const formEnd = at + length;
        const form = forms.get(text.slice(at, formEnd));
        if (form === undefined) continue;
        const from = form.reachesBack && isBase64(text[at - 1]) ? at - 1 : at;
        const to = form.reachesOn && isBase64(text[formEnd]) ? formEnd + 1 : formEnd;
        const last = stretches.at(-1);
        if (last !== undefined && from < last.to) last.to = Math.max(last.to, to);
        else stretches.push({ from, to });
      }
    }
    return stretches;
  }
}

function getOrCreate<Key, InnerKey, Value>(
  map: Map<Key, Map<InnerKey, Value>>,
  key: Key,
): Map<InnerKey, Value> {
  const found = map.get(key) ?? new Map<InnerKey, Value>();
  map.set(key, found);
  return found;
}

/** @param stretches in order, without overlap */
export function withoutStretches(text: string, stretches: readonly Stretch[]): string {
  let result = '';
  let copied = 0;
  for (const { from, to } of stretches) {
    result += text.slice(copied, from) + REPLACEMENT;
    copied = to;
  }
  return result + text.slice(copied);
}

/** Adds a character to a hash of the last four characters. */
function nextHash(hash: number, code: number): number {
  return ((hash << 4) ^ code) & 0xffff;
}

function hashOf(start: string): number {
  let hash = 0;
  for (let at = 0; at < start.length; at += 1) hash = nextHash(hash, start.charCodeAt(at));
  return hash;
}

function isBase64(character: string | undefined): boolean {
  return character !== undefined && /[\w+/-]/.test(character);
}

function formsOf(secret: string): Form[] {
  const bytes = Buffer.from(secret, 'utf8');
  const whole = new Set([
    secret,
    ...urlForms(bytes.toString('utf8')),
    ...jsonForms(secret),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
  ]);
  return [
    ...[...whole].map((text) => ({ text, reachesBack: false, reachesOn: false })),
    ...[0, 1, 2].flatMap((offset) => base64Pieces(bytes, offset)),
  ];
}

/**
 * Returns the secret as encoded by encodeURIComponent, RFC 3986 and HTML forms, with hex digits in
 * upper and lower case.
 */
function urlForms(text: string): string[] {
  const component = encodeURIComponent(text);
  const strict = component.replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  const form = new URLSearchParams({ s: text }).toString().slice(2);
  return [component, strict, form].flatMap((encoded) => [
    encoded,
    encoded.replace(/%[0-9A-F]{2}/g, (byte) => byte.toLowerCase()),
  ]);
}

/**
 * Returns the secret as the content of a JSON string in four forms: with or without escaped slashes,
 * and with or without escaped non-ASCII characters.
 */
function jsonForms(text: string): string[] {
  const plain = JSON.stringify(text).slice(1, -1);
  const ascii = plain.replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return [plain, ascii].flatMap((escaped) => [escaped, escaped.replaceAll('/', '\\/')]);
}

/**
 * Returns the secret in base64, starting `offset` bytes into a group of three, without characters
 * that depend on adjacent bytes. `stretches` extends a match to those that the secret shares with
 * adjacent bytes.
 */
export function base64Pieces(bytes: Buffer, offset: number): Form[] {
  const startBit = offset * 8;
  const endBit = startBit + bytes.length * 8;
  const padded = Buffer.concat([Buffer.alloc(offset), bytes]);
  return (['base64', 'base64url'] as const)
    .map((encoding) => padded.toString(encoding))
    .map((text) => text.slice(Math.ceil(startBit / 6), Math.floor(endBit / 6)))
    .filter((text) => text.length >= MIN_PIECE_LENGTH)
    .map((text) => ({ text, reachesBack: startBit % 6 !== 0, reachesOn: endBit % 6 !== 0 }));
}
