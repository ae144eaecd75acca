import { randomUUID } from 'node:crypto';
import { mapLimited } from '../../../shared/concurrency.ts';
import { storageError } from '../../../shared/errors.ts';
import { isObject } from '../../../shared/json.ts';
import { parseSealed } from '../../document/header.ts';
import type { S3Address } from '../address.ts';
import type { Backend, RevisionWrite, Stored, StoredRevision } from '../backend.ts';
import { newerTables, notInitialized } from '../errors.ts';
import { S3Client, type S3Options } from './s3-client.ts';

const FORMAT = 1;
/** Revisions count down from here in keys, because S3 lists keys only in ascending order. */
const LAST_REVISION = 9_999_999_999_999_999n;
const CONCURRENCY = 8;

export function openS3(address: S3Address, options: S3Options): Backend {
  return new S3Backend(address, new S3Client(address, options));
}

/**
 * Stores each revision as a new object, which is created only if no other has its key. Servers
 * differ in other conditions, so none is used.
 */
class S3Backend implements Backend {
  readonly address: S3Address;
  readonly #client: S3Client;
  readonly #root: string;

  constructor(address: S3Address, client: S3Client) {
    this.address = address;
    this.#client = client;
    this.#root = address.prefix === '' ? '' : `${address.prefix}/`;
  }

  async read(profile: string): Promise<Stored> {
    const [key] = await this.#client.list(this.#revisionPrefix(profile), 1);
    const sealed = key === undefined ? null : await this.#client.get(key);
    if (key === undefined || sealed === null) {
      return { lineage: await this.#readLineage(), newest: null };
    }
    const { lineage } = parseSealed(sealed, this.address.location).header;
    return { lineage, newest: { revision: revisionIn(key), sealed } };
  }

  async readRevision(profile: string, revision: number): Promise<StoredRevision | null> {
    const sealed = await this.#client.get(this.#revisionKey(profile, revision));
    return sealed === null || sealed.length === 0 ? null : { revision, sealed };
  }

  async write(profile: string, write: RevisionWrite): Promise<'ok' | 'conflict'> {
    const revision = write.expected + 1;
    const lines = write.audit.map((line) => `${line}\n`).join('');
    await this.#client.put(
      `${this.#auditPrefix(profile)}${padded(BigInt(revision))}-${write.writeId}`,
      Buffer.from(lines),
    );
    return this.#client.create(this.#revisionKey(profile, revision), write.sealed);
  }

  async list(): Promise<string[]> {
    const keys = await this.#client.list(this.#root);
    const pattern = /^([^/]+)\/state\//;
    const profiles = keys.map((key) => pattern.exec(key.slice(this.#root.length))?.[1]);
    return [...new Set(profiles.filter((name) => name !== undefined))].sort();
  }

  /** Names the lines after the newest revision, so that they follow its lines. */
  async appendAudit(profile: string, lines: readonly string[]): Promise<void> {
    const [key] = await this.#client.list(this.#revisionPrefix(profile), 1);
    const revision = key === undefined ? 0 : revisionIn(key);
    const at = String(Date.now()).padStart(16, '0');
    const name = `${padded(BigInt(revision))}.${at}-${randomUUID()}`;
    const text = lines.map((line) => `${line}\n`).join('');
    await this.#client.put(`${this.#auditPrefix(profile)}${name}`, Buffer.from(text));
  }

  async readAudit(profile: string): Promise<string[]> {
    const [keys, revisions] = await Promise.all([
      this.#client.list(this.#auditPrefix(profile)),
      this.#client.list(this.#revisionPrefix(profile)),
    ]);
    const valid = await this.#validAudit(profile, keys, new Set(revisions.map(revisionIn)));
    const texts = await mapLimited(valid, CONCURRENCY, (key) => this.#client.get(key));
    return texts
      .flatMap((text) => (text === null ? [] : text.toString('utf8').trimEnd().split('\n')))
      .filter((line) => line !== '');
  }

  async assertWritable(): Promise<void> {
    await this.#client.put(`${this.#root}probe`, Buffer.from('channelctl'));
  }

  async init(): Promise<void> {
    await this.#assertConditional();
    const marker = JSON.stringify({ format: FORMAT, lineage: randomUUID() });
    await this.#client.create(this.#markerKey, Buffer.from(marker));
    await this.#readLineage();
  }

  async close(): Promise<void> {}

  get #markerKey(): string {
    return `${this.#root}channelctl.json`;
  }

  #revisionPrefix(profile: string): string {
    return `${this.#root}${profile}/state/`;
  }

  #revisionKey(profile: string, revision: number): string {
    return this.#revisionPrefix(profile) + padded(LAST_REVISION - BigInt(revision));
  }

  #auditPrefix(profile: string): string {
    return `${this.#root}${profile}/audit/`;
  }

  async #readLineage(): Promise<string> {
    const { location } = this.address;
    const text = await this.#client.get(this.#markerKey);
    if (text === null) throw notInitialized(location);
    const marker: unknown = JSON.parse(text.toString('utf8'));
    if (!isObject(marker) || typeof marker.lineage !== 'string') throw notInitialized(location);
    if (typeof marker.format === 'number' && marker.format > FORMAT) throw newerTables(location);
    return marker.lineage;
  }

  /**
   * Selects the lines of revisions that were stored. Of two writers of the same revision, both
   * have stored their lines, but only one its revision.
   */
  async #validAudit(
    profile: string,
    keys: readonly string[],
    revisions: ReadonlySet<number>,
  ): Promise<string[]> {
    const writes = keys.map((key) => {
      const [, revision, writeId] = /\/(\d{16})-([\w-]+)$/.exec(key) ?? [];
      return { key, revision: revision === undefined ? null : Number(revision), writeId };
    });
    const rivals = new Map<number, number>();
    for (const { revision } of writes) {
      if (revision !== null) rivals.set(revision, (rivals.get(revision) ?? 0) + 1);
    }
    const kept = await mapLimited(writes, CONCURRENCY, async ({ key, revision, writeId }) => {
      if (revision === null) return key;
      if (!revisions.has(revision)) return null;
      if (rivals.get(revision) === 1) return key;
      const stored = await this.readRevision(profile, revision);
      if (stored === null) return null;
      const { header } = parseSealed(stored.sealed, this.address.location);
      return header.write_id === writeId ? key : null;
    });
    return kept.filter((key) => key !== null);
  }

  /** Proves with two writes that the server creates an object only if there is none. */
  async #assertConditional(): Promise<void> {
    const key = `${this.#root}probe-${randomUUID()}`;
    const body = Buffer.from('channelctl');
    const first = await this.#client.create(key, body);
    const second = await this.#client.create(key, body);
    await this.#client.remove(key).catch(() => undefined);
    if (first === 'ok' && second === 'conflict') return;
    throw storageError(`The server of ${this.address.location} cannot store shared state.`, {
      reason: 'It ignores the condition If-None-Match, so that writers could overwrite each other.',
      hint: 'Use another server, or PostgreSQL.',
    });
  }
}

function padded(number: bigint): string {
  return String(number).padStart(16, '0');
}

function revisionIn(key: string): number {
  return Number(LAST_REVISION - BigInt(key.slice(-16)));
}
