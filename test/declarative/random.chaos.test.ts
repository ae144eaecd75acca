import { writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { IdSource } from '../../src/accounts/accounts.ts';
import { ownerName } from '../../src/accounts/secrets.ts';
import type { RemoteState } from '../../src/channels/meta/remote.ts';
import { applyLocalSteps } from '../../src/declarative/apply/local-steps.ts';
import { findMenuIssues, findStateIssues } from '../../src/declarative/document/check-state.ts';
import { buildDocument } from '../../src/declarative/document/export.ts';
import {
  checkDocument,
  type ParsedDocument,
  parseDocumentText,
} from '../../src/declarative/document/parse.ts';
import {
  listSecrets,
  type SecretValues,
  secretKey,
} from '../../src/declarative/document/references.ts';
import type { Document } from '../../src/declarative/document/schema.ts';
import { createPlan, settingsAfter } from '../../src/declarative/plan/plan.ts';
import type { SecretChange } from '../../src/declarative/plan/secret-changes.ts';
import type { Step } from '../../src/declarative/plan/steps.ts';
import { emptyState } from '../../src/profile/state-file/read.ts';
import { findSchemaError } from '../../src/profile/state-file/schema.ts';
import type { ProfileState } from '../../src/profile/types.ts';
import { ChannelctlError } from '../../src/shared/errors.ts';
import type { Json } from '../../src/shared/json.ts';
import { share } from '../support/chance.ts';
import { broken, garbled, whole } from './arbitraries.ts';
import { documentHome } from './fleet.ts';

/** A time limit in milliseconds, long enough for a busy machine. */
const LONG = 120_000;

function making(): IdSource {
  let made = 0;
  return {
    now: () => new Date(0),
    randomBytes(bytes) {
      made += 1;
      const random = Buffer.alloc(bytes);
      random.writeUInt32BE(made);
      return random;
    },
  };
}

const remoteStates = fc.record({
  subscribed: fc.boolean(),
  registered: fc.boolean(),
  fields: fc.subarray(['messages', 'message_reads']),
  override: fc.constantFrom(null, 'https://elsewhere.example.com'),
  menu: fc.constantFrom(null, 'A', 'B'),
});

function remoteStatesOf(
  { accounts = [] }: Document,
  one: typeof remoteStates extends fc.Arbitrary<infer Value> ? Value : never,
): Map<string, RemoteState> {
  return new Map(
    accounts
      .filter(({ channel }) => channel !== 'email')
      .map((account): [string, RemoteState] => {
        const isPage = account.channel === 'messenger';
        const entry = {
          locale: 'default',
          call_to_actions: [{ type: 'postback', title: one.menu ?? '', payload: one.menu ?? '' }],
        };
        return [
          ownerName(account),
          {
            displayName: null,
            subscription: {
              of: isPage ? ownerName(account) : `waba ${account.config?.waba_id}`,
              subscribed: one.subscribed,
              fields: isPage ? one.fields : null,
              override: isPage ? null : one.override,
              otherApps: [],
            },
            menu: isPage
              ? { persistent_menu: one.menu === null ? null : [entry], get_started: one.menu }
              : null,
            registered: isPage ? null : one.registered,
          },
        ];
      }),
  );
}

interface Planned {
  document: Document;
  steps: Step[];
  values: SecretValues;
}

function parsed(given: unknown): ParsedDocument {
  if (typeof given === 'string') return parseDocumentText(given, 'channels.yaml');
  const value: Json = JSON.parse(JSON.stringify(given));
  return checkDocument({ value, positionOf: () => 'line 1, column 1' }, 'channels.yaml');
}

/**
 * Does everything that `plan` does, without a process, files or Meta. Every secret can be resolved.
 */
function planned(
  given: unknown,
  state: ProfileState,
  prune: boolean,
  atMeta: (document: Document) => ReadonlyMap<string, RemoteState>,
): Planned {
  const { document, error } = parsed(given);
  const remote = atMeta(document);
  const issues = [
    ...findStateIssues(document, state, {}, true),
    ...findMenuIssues(document, remote),
  ];
  if (issues.length > 0) throw error(issues);
  const secrets = listSecrets(document);
  const known = new Map<string, unknown>([
    ...state.integrations.map((one) => [one.channel, one.secrets] as const),
    ...state.accounts.map((one) => [ownerName(one), one.secrets] as const),
  ]);
  const changes = new Map(
    secrets
      .filter(({ owner, field }) => !Object.hasOwn(known.get(owner) ?? {}, field))
      .map((secret): [string, SecretChange] => [secretKey(secret), 'set']),
  );
  const options = { prune, divisionId: null, webhookUrl: () => 'https://desk.example.com/x' };
  const steps = createPlan(document, { state, secrets: changes, remoteStates: remote }, options);
  const values = new Map(secrets.map((secret) => [secretKey(secret), 'the value']));
  return { document, steps, values };
}

function applied(state: ProfileState, { steps, values }: Planned, how: IdSource): ProfileState {
  const draft = structuredClone(state);
  const put = (owner: string, field: string) => ({
    ...{ store: 'file' as const, item: `${owner}/${field}`, last4: null },
  });
  const local = steps.filter(
    ({ remoteAction, part }) => remoteAction === undefined && part !== 'setting',
  );
  applyLocalSteps(draft, { put, confirm: () => {} }, local, values, how);
  draft.settings = settingsAfter(draft.settings, steps);
  return draft;
}

function refused(given: unknown): boolean {
  try {
    planned(given, emptyState(), true, () => new Map());
    return false;
  } catch (error) {
    if (!(error instanceof ChannelctlError)) throw error;
    expect(error.kind).toBe('usage');
    expect(error.reason).toMatch(/line \d+, column \d+/);
    expect(`${error.message}${error.reason}${error.hint}`).not.toContain('\n');
    return true;
  }
}

test(
  `${share(2500)} valid documents: applying a plan leaves no changes`,
  () => {
    fc.assert(
      fc.property(whole, whole, fc.boolean(), remoteStates, (before, after, prune, one) => {
        const first = planned(before, emptyState(), false, () => new Map());
        const how = making();
        const state = applied(emptyState(), first, how);
        const second = planned(after, state, prune, (document) => remoteStatesOf(document, one));
        const then = applied(state, second, how);
        expect(findSchemaError({ ...then })).toBeNull();
        for (const channel of ['whatsapp', 'messenger', 'email']) {
          const defaults = then.accounts.filter((it) => it.channel === channel && it.is_default);
          expect(defaults.length).toBeLessThanOrEqual(1);
        }
        const again = planned(after, then, prune, () => new Map());
        expect(again.steps).toEqual([]);
        expect(applied(then, second, how)).toEqual(then);
      }),
      { numRuns: share(2500) },
    );
  },
  LONG,
);

test(
  `${share(500)} profiles: an export applied to an empty profile creates the same profile`,
  () => {
    fc.assert(
      fc.property(whole, (document) => {
        const first = planned(document, emptyState(), false, () => new Map());
        const state = applied(emptyState(), first, making());
        const view = { env: {}, remoteStates: new Map(), webhookUrl: () => null };
        const text = stringify(buildDocument(state, view));
        const again = planned(text, emptyState(), false, () => new Map());
        const copy = applied(emptyState(), again, making());
        expect(copy).toEqual(state);
        expect(stringify(buildDocument(copy, view))).toBe(text);
      }),
      { numRuns: share(500) },
    );
  },
  LONG,
);

test(
  `${share(7000)} random documents are valid or rejected with line and column`,
  () => {
    let refusals = 0;
    const check = (given: unknown) => {
      if (refused(given)) refusals += 1;
    };
    fc.assert(fc.property(broken, check), { numRuns: share(5000) });
    fc.assert(fc.property(garbled, check), { numRuns: share(1500) });
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 60 }), check), {
      numRuns: share(500),
    });
    expect(refusals).toBeGreaterThan(share(3000));
  },
  LONG,
);

test('the built program rejects invalid documents with exit code 2, and changes nothing', async () => {
  const { path, built } = await documentHome();
  const texts = fc.sample(
    fc.oneof(
      broken.map((one) => stringify(one)),
      garbled,
    ),
    {
      seed: 7,
      numRuns: 400,
    },
  );
  const chosen = texts.filter(refused).slice(0, 8);
  expect(chosen).toHaveLength(8);
  for (const text of chosen) {
    await writeFile(path, text);
    const refusal = await built.cli('apply', '-f', path, '--yes', '--offline');
    expect(refusal).toMatchObject({ code: 2, stdout: '' });
  }
  expect((await built.cli('profiles', 'list', '--json')).stdout).toBe('[]\n');
});
