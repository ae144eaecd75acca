import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AsyncEntry } from '@napi-rs/keyring';
import { mapLimited } from '../shared/concurrency.ts';
import type { SecretStore } from '../shared/secrets.ts';
import { countJob } from '../shared/thread-pool.ts';
import {
  isMissingReply,
  keychainError,
  keychainMissing,
  keychainTimeout,
  nameTooLong,
  OTHER_STORES,
} from './keychain-errors.ts';
import { itemsFor, partNames, readParts } from './long-values.ts';

/** How long a call may take without a user who could respond to a dialog. */
const UNATTENDED_TIMEOUT_MS = 5_000;
const DIALOG_TIMEOUT_MS = 120_000;
const RETRY_MS = 500;
/** A call without a dialog is faster. */
const ANNOUNCE_AFTER_MS = 1_000;
const WAITING =
  'Waiting for the keychain. If it shows a dialog, respond to it; to cancel, press Ctrl-C.';
/**
 * Maximum number of concurrent calls. Further calls would spend their timeout in the library's
 * queue.
 */
const CONCURRENCY = 4;
/** macOS can show a dialog per item. With one call at a time, each dialog gets the full timeout. */
const MAC_CONCURRENCY = 1;
/** The Windows Credential Manager accepts user names of up to 513 characters. */
const MAX_WINDOWS_NAME = 500;

export interface KeychainOptions {
  platform: NodeJS.Platform;
  /** Prints one line on the user's terminal; null if there is none. */
  announce: ((line: string) => void) | null;
  /** The service of the items; `channelctl` if omitted. */
  service?: string;
  /** Ends the hint of each error; names the other secret stores if omitted. */
  alternatives?: string;
}

/**
 * Stores secrets in the system's keychain. On Linux, uses only the Secret Service: by default, the
 * library would fall back to the kernel keyring, which does not survive a restart.
 *
 * Any call that takes longer than 5 seconds, or two minutes on a terminal, fails with a
 * ChannelctlError of kind `storage`.
 */
export function openKeychain(options: KeychainOptions): SecretStore {
  return new Keychain(options);
}

class Keychain implements SecretStore {
  readonly name = 'keychain';
  readonly #options: KeychainOptions;
  readonly #timeoutMs: number;
  #probe: Promise<void> | null = null;
  #isAnnounced = false;
  #isOpen = false;

  constructor(options: KeychainOptions) {
    this.#options = options;
    this.#timeoutMs = options.announce === null ? UNATTENDED_TIMEOUT_MS : DIALOG_TIMEOUT_MS;
  }

  async read(items: readonly string[]): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    await this.#use((call) =>
      mapLimited(items, this.#concurrency, async (item) => {
        const value = await this.#readValue(item, call);
        if (value !== null) found.set(item, value);
      }),
    );
    return found;
  }

  async write({ put, remove }: Parameters<SecretStore['write']>[0]): Promise<void> {
    if (this.#isWindows) checkNames(put);
    const items = [...put].flatMap(([item, value]) =>
      this.#isWindows ? itemsFor(item, value) : [[item, value] as const],
    );
    await this.#put(items);
    await this.#remove(remove);
  }

  get #alternatives(): string {
    return this.#options.alternatives ?? OTHER_STORES;
  }

  get #concurrency(): number {
    return this.#options.platform === 'darwin' ? MAC_CONCURRENCY : CONCURRENCY;
  }

  get #isWindows(): boolean {
    return this.#options.platform === 'win32';
  }

  async #readValue(item: string, call: Call): Promise<string | null> {
    const read = (name: string) => call(name, (entry, signal) => entry.getPassword(signal));
    const value = (await read(item)) ?? null;
    return value === null || !this.#isWindows
      ? value
      : await readParts(item, value, async (name) => (await read(name)) ?? null);
  }

  opensSilently(): boolean {
    return this.#isOpen;
  }

  /** Stores and removes a test item, because a locked keychain can be searched but not changed. */
  assertWritable(): Promise<void> {
    const item = `probe/${randomBytes(4).toString('hex')}`;
    this.#probe ??= this.write({ put: new Map([[item, 'probe']]), remove: [item] }).then(() => {
      this.#isOpen = true;
    });
    return this.#probe;
  }

  async #put(put: readonly (readonly [item: string, value: string])[]): Promise<void> {
    const tried: string[] = [];
    try {
      await this.#use(async (call) => {
        for (const [item, value] of put) {
          tried.push(item);
          await call(item, (entry, signal) => entry.setPassword(value, signal));
        }
      });
    } catch (error) {
      // `tried` includes the item that failed, because it may have been stored anyway.
      await this.#remove(tried).catch(() => undefined);
      throw error;
    }
  }

  async #remove(items: readonly string[]): Promise<void> {
    await this.#use(async (call) => {
      for (const item of items) {
        for (const name of await this.#namesOf(item, call)) {
          await call(name, (entry, signal) => entry.deleteCredential(signal));
        }
      }
    });
  }

  async #namesOf(item: string, call: Call): Promise<string[]> {
    if (!this.#isWindows) return [item];
    return partNames(
      item,
      async (name) => (await call(name, (entry, signal) => entry.getPassword(signal))) ?? null,
    );
  }

  async #use<Result>(work: (call: Call) => Promise<Result>): Promise<Result> {
    const { AsyncEntry } = await this.#library();
    const { service = 'channelctl' } = this.#options;
    const abort = new AbortController();
    try {
      return await work((item, request) =>
        this.#patiently(() => {
          const entry = new AsyncEntry(service, item, { linux: { store: 'secret-service' } });
          return this.#answerOf(countJob(request(entry, abort.signal)));
        }),
      );
    } catch (error) {
      const { platform } = this.#options;
      throw error instanceof TimeoutError
        ? keychainTimeout(this.#timeoutMs, platform, this.#alternatives)
        : keychainError(error, platform, this.#alternatives);
    } finally {
      abort.abort(); // Otherwise, queued calls would keep the process alive.
    }
  }

  /**
   * On a terminal, repeats a call that the library gave up on after its limit of two seconds. This
   * is safe, because setting, reading or deleting an item twice has the same effect as once.
   */
  async #patiently<Answer>(attempt: () => Promise<Answer>): Promise<Answer> {
    const deadline = performance.now() + this.#timeoutMs;
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        const isOver = this.#options.announce === null || performance.now() > deadline;
        if (isOver || !isMissingReply(error)) throw error;
        this.#announce();
        await sleep(RETRY_MS);
      }
    }
  }

  async #answerOf<Answer>(answer: Promise<Answer>): Promise<Answer> {
    const timer = setTimeout(() => this.#announce(), ANNOUNCE_AFTER_MS);
    try {
      return await withTimeout(answer, this.#timeoutMs);
    } finally {
      clearTimeout(timer);
    }
  }

  #announce(): void {
    if (!this.#isAnnounced) this.#options.announce?.(WAITING);
    this.#isAnnounced = true;
  }

  async #library() {
    try {
      return await import('@napi-rs/keyring');
    } catch (error) {
      throw keychainMissing(this.#options.platform, error, this.#alternatives);
    }
  }
}

type Call = <Answer>(
  item: string,
  request: (entry: AsyncEntry, signal: AbortSignal) => Promise<Answer>,
) => Promise<Answer>;

class TimeoutError extends Error {}

async function withTimeout<Answer>(answer: Promise<Answer>, timeoutMs: number): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimeoutError()), timeoutMs);
  });
  try {
    return await Promise.race([answer, limit]);
  } finally {
    clearTimeout(timer);
  }
}

function checkNames(put: ReadonlyMap<string, string>): void {
  for (const item of put.keys()) {
    if (item.length > MAX_WINDOWS_NAME) throw nameTooLong(item);
  }
}
