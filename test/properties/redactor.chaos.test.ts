import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ChannelctlError } from '../../src/shared/errors.ts';
import { Redactor } from '../../src/shared/redactor.ts';
import { renderFailure, renderWarning } from '../../src/ui/output/failure.ts';
import { styleFor } from '../../src/ui/output/style.ts';

const secret = fc.oneof(
  fc.stringMatching(/^EAA[A-Za-z0-9]{8,40}$/),
  fc.stringMatching(/^\d{6}$/),
  fc
    .string({ unit: 'grapheme', minLength: 4, maxLength: 24 })
    .filter((text) => text.trim() === text),
);
const around = fc.string({ maxLength: 12 });
const FORMS: ((text: string) => string)[] = [
  (text) => text,
  (text) => encodeURIComponent(text),
  (text) => JSON.stringify(text).slice(1, -1),
  (text) => Buffer.from(text).toString('base64'),
  (text) => Buffer.from(text).toString('hex'),
];

function redactorOf(secrets: readonly string[]): Redactor {
  const redactor = new Redactor();
  for (const one of secrets) redactor.add(one);
  return redactor;
}

/** The redaction marker may contain a short secret, which is not a leak. */
const withoutMarker = (text: string) => text.replaceAll('[redacted]', '\u0000');

test('adjacent secrets are all redacted, in every form', () => {
  const piece = fc.record({ secret, form: fc.constantFrom(...FORMS), between: around });
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 5 }), (pieces) => {
      const redactor = redactorOf(pieces.map((one) => one.secret));
      const line = pieces.map((one) => one.form(one.secret) + one.between).join('');
      const shown = withoutMarker(redactor.redact(line));
      for (const one of pieces) expect(shown).not.toContain(one.form(one.secret));
    }),
  );
});

test('an error or warning that quotes a secret is redacted as text and as JSON', async () => {
  const style = await styleFor({ terminal: false, refused: true, env: {} });
  fc.assert(
    fc.property(secret, around, (value, before) => {
      const redactor = redactorOf([value]);
      const quoted = `${before}"${value}"`;
      const error = new ChannelctlError('graph', quoted, { reason: quoted, hint: quoted });
      const redact = (text: string) => redactor.redact(text);
      for (const format of ['json', 'table'] as const)
        for (const text of [
          renderFailure(error, { format, style, redact }),
          renderWarning(quoted, quoted, { format, style, redact }),
        ]) {
          const shown = withoutMarker(text);
          if (format === 'json')
            expect(Object.keys(JSON.parse(text))[0]).toMatch(/^(error|warning)$/);
          expect(shown).not.toContain(`"${value}"`);
          expect(shown).not.toContain(JSON.stringify(value).slice(1, -1));
        }
    }),
  );
});
