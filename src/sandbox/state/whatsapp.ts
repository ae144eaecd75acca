import type { PhoneNumberSeed, WabaSeed, WhatsappSeed } from '../seed/schema.ts';

const HOUR_MS = 60 * 60 * 1000;
const MINUTE_MS = 60 * 1000;
const DELETION_MS = 5 * MINUTE_MS;

interface Subscription {
  name: string;
  /** The callback URL that overrides the app's; null if there is none. */
  override: string | null;
}

export interface Waba {
  seed: WabaSeed;
  numbers: readonly PhoneNumber[];
  /** By app ID. */
  subscriptions: Map<string, Subscription>;
}

/** A number and its state. Times are in milliseconds since the epoch. */
export interface PhoneNumber {
  seed: PhoneNumberSeed;
  waba: Waba;
  isRegistered: boolean;
  status: string;
  pin: string | null;
  /** By app ID: the callback URL that overrides those of the WABA and the app. */
  overrides: Map<string, string>;
  registerCalls: number[];
  /** When the lock after too many register calls ends; 0 without a lock. */
  lockedUntil: number;
  wrongPins: number[];
  /** When a number that was deleted can be registered again; 0 if it was not deleted. */
  deletedUntil: number;
}

export class WhatsappState {
  readonly wabas: ReadonlyMap<string, Waba>;
  readonly numbers: ReadonlyMap<string, PhoneNumber>;
  readonly signupTokensExpire: boolean;
  readonly signupGrantsAll: boolean;
  readonly signupSendsWabaIds: boolean;
  readonly permissions: readonly string[];
  readonly removedFields: ReadonlySet<string>;
  readonly #pin: string;

  /**
   * @param apps names of the seed's apps, by ID
   * @param now when the sandbox starts
   */
  constructor(seed: WhatsappSeed, apps: ReadonlyMap<string, { name: string }>, now: number) {
    this.#pin = seed.pin;
    this.signupTokensExpire = seed.signup_tokens_expire;
    this.signupGrantsAll = seed.signup_grants_all;
    this.signupSendsWabaIds = seed.signup_waba_ids;
    this.permissions = seed.business_permissions;
    this.removedFields = new Set(seed.removed_fields);
    const wabas = seed.wabas.map((item) => this.#waba(item, apps, now));
    this.wabas = new Map(wabas.map((waba) => [waba.seed.id, waba]));
    const numbers = wabas.flatMap((waba) => waba.numbers);
    this.numbers = new Map(numbers.map((number) => [number.seed.id, number]));
  }

  get firstWaba(): Waba {
    const [first] = this.wabas.values();
    if (first === undefined) throw new TypeError('A seed must have at least one WABA.');
    return first;
  }

  #waba(seed: WabaSeed, apps: ReadonlyMap<string, { name: string }>, now: number): Waba {
    const subscriptions = new Map(
      seed.subscribed_apps.map(({ id, name, override_callback_uri }) => {
        const known = name ?? apps.get(id)?.name ?? `App ${id}`;
        return [id, { name: known, override: override_callback_uri ?? null }];
      }),
    );
    const numbers: PhoneNumber[] = [];
    const waba = { seed, numbers, subscriptions };
    const [app = ''] = apps.keys();
    for (const number of seed.numbers) numbers.push(this.#number(number, waba, app, now));
    return waba;
  }

  #number(seed: PhoneNumberSeed, waba: Waba, app: string, now: number): PhoneNumber {
    const override = seed.webhook_override;
    return {
      seed,
      waba,
      isRegistered: seed.registered,
      status: seed.status ?? (seed.registered ? 'CONNECTED' : 'PENDING'),
      pin: seed.pin === undefined ? this.#pin : seed.pin,
      overrides: new Map(override === undefined ? [] : [[app, override]]),
      registerCalls: Array.from({ length: seed.register_calls }, () => now),
      lockedUntil: 0,
      wrongPins: [],
      deletedUntil: seed.recently_deleted ? now + DELETION_MS : 0,
    };
  }
}

/**
 * The rate limit for register calls. A number that exceeds it is locked for the length of the
 * window.
 */
const MAX_REGISTER_CALLS = 10;
const REGISTER_WINDOW_MS = 72 * HOUR_MS;

/** After this many wrong PINs within `PIN_WINDOW_MS`, no PIN is accepted. */
const MAX_WRONG_PINS = 3;
const PIN_WINDOW_MS = 5 * MINUTE_MS;

/**
 * Counts a register call, and locks the number if it exceeds the limit. Returns false if the number
 * is locked.
 */
export function countRegisterCall(number: PhoneNumber, now: number): boolean {
  if (now < number.lockedUntil) return false;
  number.registerCalls = number.registerCalls.filter((time) => time > now - REGISTER_WINDOW_MS);
  if (number.registerCalls.length >= MAX_REGISTER_CALLS) {
    number.lockedUntil = now + REGISTER_WINDOW_MS;
    return false;
  }
  number.registerCalls.push(now);
  return true;
}

export function hasTooManyWrongPins(number: PhoneNumber, now: number): boolean {
  number.wrongPins = number.wrongPins.filter((time) => time > now - PIN_WINDOW_MS);
  return number.wrongPins.length >= MAX_WRONG_PINS;
}
