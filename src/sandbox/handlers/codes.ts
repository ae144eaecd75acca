import { invalidCode, redirectUriMismatch } from '../graph/errors.ts';
import type { SandboxState } from '../state/sandbox-state.ts';
import type { Code } from '../state/token.ts';

/** Finds out whether a code is of a kind. */
function isOf<Kind extends Code['kind']>(
  kind: Kind,
  code: Code,
): code is Extract<Code, { kind: Kind }> {
  return code.kind === kind;
}

/**
 * The code of that kind and app that still works.
 *
 * @throws MetaError 100/36007 where there is none, 100/36008 where it is of another kind
 */
export function findValidCode<Kind extends Code['kind']>(
  state: SandboxState,
  kind: Kind,
  value: string,
  appId: string,
): Extract<Code, { kind: Kind }> {
  const code = state.findCode(value);
  if (code === undefined || code.app.id !== appId) {
    throw invalidCode('Invalid verification code format.');
  }
  // A code of Facebook Login came with a redirect address, one of Embedded Signup without.
  if (!isOf(kind, code)) throw redirectUriMismatch();
  if (code.isUsed) throw invalidCode('This authorization code has been used.');
  if (code.expiresAt <= state.now()) throw invalidCode('This authorization code has expired.');
  return code;
}
