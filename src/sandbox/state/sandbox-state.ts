import type { BusinessSeed, UsageSeed } from '../seed/business-schema.ts';
import type { CompleteSeed } from '../seed/seed.ts';
import { type App, AppSubscriptions } from './apps.ts';
import { InstagramState } from './instagram.ts';
import type { AppToken, Code, NewCode, NewToken, Page, Person, Token } from './token.ts';
import { CallCounter } from './usage.ts';
import { WhatsappState } from './whatsapp.ts';

export interface MessengerProfile {
  persistent_menu?: unknown[];
  get_started?: unknown;
  whitelisted_domains?: string[];
}

export interface Sources {
  /** Milliseconds since the epoch. */
  now(): number;
  randomBytes(bytes: number): Buffer;
}

export class SandboxState {
  readonly calls = new CallCounter();
  readonly apps: ReadonlyMap<string, App>;
  readonly people: ReadonlyMap<string, Person>;
  readonly pages: ReadonlyMap<string, Page>;
  readonly businesses: ReadonlyMap<string, BusinessSeed>;
  readonly usage: readonly UsageSeed[];
  readonly whatsapp: WhatsappState;
  readonly instagram: InstagramState;
  readonly appSubscriptions: AppSubscriptions;
  readonly renewals: CompleteSeed['token_renewals'];
  /** By Page ID and app ID: the subscribed webhook fields. */
  readonly pageSubscriptions: ReadonlyMap<string, Map<string, ReadonlySet<string>>>;
  readonly messengerProfiles: Map<string, MessengerProfile>;
  /** By Page ID: the times of calls about the profile, in milliseconds since the epoch. */
  readonly profileCalls = new Map<string, number[]>();
  readonly #tokens = new Map<string, Token>();
  readonly #codes = new Map<string, Code>();
  readonly #sources: Sources;

  constructor(seed: CompleteSeed, sources: Sources) {
    this.#sources = sources;
    this.apps = byId(
      seed.apps.map((app) => ({ ...app, secret: app.secret ?? this.randomHex(16) })),
    );
    this.pages = byId(seed.pages);
    this.messengerProfiles = new Map(
      seed.pages.flatMap(({ id, whitelisted_domains }) =>
        whitelisted_domains.length === 0 ? [] : [[id, { whitelisted_domains }]],
      ),
    );
    this.pageSubscriptions = new Map(
      seed.pages.map(({ id, subscribed_apps }) => [
        id,
        new Map(subscribed_apps.map((app) => [app.id, new Set(app.subscribed_fields)])),
      ]),
    );
    this.businesses = byId(seed.businesses);
    this.usage = seed.usage;
    this.people = byId(
      seed.people.map(({ id, name, pages, declined_permissions: declinedPermissions }) => ({
        id,
        name,
        roles: new Map(pages.map((role) => [role.id, role.tasks])),
        declinedPermissions,
      })),
    );
    this.whatsapp = new WhatsappState(seed.whatsapp, this.apps, this.now());
    this.instagram = new InstagramState(seed.instagram, this.randomHex(16));
    this.renewals = seed.token_renewals;
    this.appSubscriptions = new AppSubscriptions(seed.webhooks);
  }

  get firstApp(): App {
    return firstOf(this.apps);
  }

  get firstPerson(): Person {
    return firstOf(this.people);
  }

  /**
   * Returns a user with a role on the Page. If there is none, returns the first user, whose token
   * for the Page is invalid.
   */
  personWithRoleOn(pageId: string): Person {
    return [...this.people.values()].find(({ roles }) => roles.has(pageId)) ?? this.firstPerson;
  }

  now(): number {
    return this.#sources.now();
  }

  randomHex(bytes: number): string {
    return this.#sources.randomBytes(bytes).toString('hex');
  }

  randomToken(prefix: string, bytes = 96): string {
    return prefix + this.#sources.randomBytes(bytes).toString('base64url');
  }

  /** Returns an integer from 0 to `bound` - 1. `bound` is at most 2^32. */
  randomBelow(bound: number): number {
    return this.#sources.randomBytes(4).readUInt32BE() % bound;
  }

  issueToken(
    token: NewToken,
    value = this.randomToken(token.kind === 'instagram' ? 'IGAA' : 'EAA'),
  ): string {
    this.#tokens.set(value, { issuedAt: this.now(), ...token, value });
    return value;
  }

  findToken(value: string): Token | undefined {
    return this.#tokens.get(value) ?? this.#appToken(value);
  }

  issueCode(code: NewCode): string {
    const value = this.randomToken('AQ');
    this.#codes.set(value, { ...code, isUsed: false });
    return value;
  }

  findCode(value: string): Code | undefined {
    return this.#codes.get(value);
  }

  #appToken(value: string): AppToken | undefined {
    const app = [this.instagram.app, ...this.apps.values()].find(
      ({ id, secret }) => value === `${id}|${secret}`,
    );
    if (app === undefined) return undefined;
    return { kind: 'app', value, app, scopes: [], issuedAt: 0, expiresAt: null };
  }
}

function byId<Item extends { id: string }>(items: readonly Item[]): ReadonlyMap<string, Item> {
  return new Map(items.map((item) => [item.id, item]));
}

function firstOf<Item>(items: ReadonlyMap<string, Item>): Item {
  const [first] = items.values();
  if (first === undefined) throw new TypeError('A seed must have at least one app and one user.');
  return first;
}
