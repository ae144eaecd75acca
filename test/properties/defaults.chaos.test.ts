import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  accountByKey,
  assertKeyAvailable,
  findAccount,
  makeDefault,
  upsertAccount,
} from '../../src/accounts/accounts.ts';
import { emptyState } from '../../src/profile/state-file/read.ts';
import type { ProfileState } from '../../src/profile/types.ts';
import { ChannelctlError } from '../../src/shared/errors.ts';
import { home } from '../support/cli.ts';

interface Channel {
  keys: string[];
  chosen: string | null;
}
type Model = Record<string, Channel>;

type Step = fc.Command<Model, ProfileState>;

const ids = { now: () => new Date(0), randomBytes };
const channel = fc.constantFrom('whatsapp', 'messenger', 'email');
const key = fc.constantFrom('a', 'b', 'c', 'd');

function of(model: Model, name: string): Channel {
  model[name] ??= { keys: [], chosen: null };
  return model[name];
}

function expectSame(model: Model, { accounts }: ProfileState): void {
  const actual: Model = {};
  for (const { channel: name, account_key, is_default } of accounts) {
    const one = of(actual, name);
    one.keys.push(account_key);
    if (!is_default) continue;
    expect(one.chosen, `${name} has two defaults`).toBeNull();
    one.chosen = account_key;
  }
  expect(actual).toEqual(
    Object.fromEntries(Object.entries(model).filter(([, { keys }]) => keys.length > 0)),
  );
}

class Create implements Step {
  constructor(
    readonly name: string,
    readonly key: string,
    readonly asDefault: boolean,
  ) {}
  check = () => true;
  toString = () => `create ${this.name}/${this.key}${this.asDefault ? ' --default' : ''}`;

  run(model: Model, state: ProfileState): void {
    const one = of(model, this.name);
    const account = {
      channel: this.name,
      account_key: this.key,
      initial: { is_default: this.asDefault },
    };
    const create = () => {
      assertKeyAvailable(state, this.name, this.key);
      return upsertAccount(state, account, ids);
    };
    if (one.keys.includes(this.key)) {
      expect(create).toThrow(expect.objectContaining({ kind: 'conflict' }));
    } else {
      expect(findAccount(state, create().id).account_key).toBe(this.key);
      if (this.asDefault || one.keys.length === 0) one.chosen = this.key;
      one.keys.push(this.key);
    }
    expectSame(model, state);
  }
}

class SetDefault implements Step {
  constructor(
    readonly name: string,
    readonly key: string,
  ) {}
  check = (model: Readonly<Model>) => model[this.name]?.keys.includes(this.key) === true;
  toString = () => `set-default ${this.name}/${this.key}`;

  run(model: Model, state: ProfileState): void {
    makeDefault(state, findAccount(state, `${this.name}/${this.key}`));
    of(model, this.name).chosen = this.key;
    expectSame(model, state);
  }
}

class Delete implements Step {
  constructor(
    readonly name: string,
    readonly key: string,
  ) {}
  check = () => true;
  toString = () => `delete ${this.name}/${this.key}`;

  run(model: Model, state: ProfileState): void {
    const doomed = accountByKey(state, this.name, this.key);
    state.accounts = state.accounts.filter((account) => account !== doomed);
    const one = of(model, this.name);
    one.keys = one.keys.filter((other) => other !== this.key);
    if (one.chosen === this.key) one.chosen = null;
    expectSame(model, state);
  }
}

test('any sequence of commands results in at most one default per channel, and the correct one', () => {
  const commands = fc.commands(
    [
      fc.tuple(channel, key, fc.boolean()).map((args) => new Create(...args)),
      fc.tuple(channel, key).map((args) => new SetDefault(...args)),
      fc.tuple(channel, key).map((args) => new Delete(...args)),
    ],
    { maxCommands: 40 },
  );
  fc.assert(
    fc.property(commands, (steps) => {
      const model: Model = {};
      fc.modelRun(() => ({ model, real: emptyState() }), steps);
    }),
  );
});

test('the program matches the model for a short sequence of commands', async () => {
  const here = await home();
  const create = ['accounts', 'create', '--channel', 'email', '--config', 'address=a@example.com'];
  const walk: [args: string[], chosen: string | null][] = [
    [[...create, '--account-key', 'a'], 'a'],
    [[...create, '--account-key', 'b', '--default'], 'b'],
    [[...create, '--account-key', 'c'], 'b'],
    [['accounts', 'set-default', 'c'], 'c'],
    [['accounts', 'update', 'a', '--default', '--account-key', 'z'], 'z'],
    [['accounts', 'delete', 'b', '--yes'], 'z'],
    [['accounts', 'delete', 'z', '--yes'], null],
    [[...create, '--account-key', 'd'], null],
    [['accounts', 'delete', 'c', '--yes'], null],
    [['accounts', 'delete', 'd', '--yes'], null],
    [[...create, '--account-key', 'e'], 'e'],
  ];
  for (const [args, chosen] of walk) {
    await here.json(...args);
    const { accounts }: ProfileState = JSON.parse((await here.state()) ?? '');
    const defaults = accounts.filter((one) => one.is_default).map((one) => one.account_key);
    expect(defaults, args.join(' ')).toEqual(chosen === null ? [] : [chosen]);
  }
});

test('an account is always found by ID and by channel/key, and never by a name that does not match', () => {
  const hex = fc.stringMatching(/^[0-9a-f]{4}$/);
  const list = fc.array(fc.tuple(channel, hex, hex), { maxLength: 6 });
  fc.assert(
    fc.property(list, fc.oneof(hex, fc.string()), (wanted, name) => {
      const state = emptyState();
      for (const [index, [of, account_key, head]] of wanted.entries()) {
        if (accountByKey(state, of, account_key) !== undefined) continue;
        upsertAccount(state, { channel: of, account_key }, ids).id = `${head}-${index}`;
      }
      for (const account of state.accounts) {
        expect(findAccount(state, account.id)).toBe(account);
        expect(findAccount(state, `${account.channel}/${account.account_key}`)).toBe(account);
      }
      for (const said of [name, ...wanted.map(([, account_key]) => account_key)]) {
        try {
          const { id, account_key } = findAccount(state, said);
          expect(account_key === said || id.startsWith(said)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(ChannelctlError);
        }
      }
    }),
  );
});
