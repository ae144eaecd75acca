import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Redactor } from '../../src/shared/redactor.ts';

test('redacts any secret in any text', () => {
  const text = fc.string({ unit: 'binary', maxLength: 20 });
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', minLength: 4, maxLength: 40 }),
      text,
      text,
      (hidden, before, after) => {
        const redactor = new Redactor();
        redactor.add(hidden);
        for (const written of [
          hidden,
          JSON.stringify(hidden).slice(1, -1),
          encodeURIComponent(hidden),
        ]) {
          const shown = redactor.redact(before + written + after);
          expect(shown).toContain('[redacted]');
          // A match inside the redaction marker is not a leak.
          expect(shown.replaceAll('[redacted]', '\u0000')).not.toContain(written);
        }
      },
    ),
  );
});
