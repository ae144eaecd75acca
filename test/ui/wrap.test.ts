import { expect, test } from 'vitest';
import { wrapText } from '../../src/ui/output/wrap.ts';

const URL = 'https://desk.example.com/webhooks/whatsapp/wa-1045390276615528';

test('breaks between words only', () => {
  expect(wrapText('The number is not registered at Meta.', 20)).toBe(
    'The number is not\nregistered at Meta.',
  );
});

test('leaves text without a terminal, and lines that fit, unchanged', () => {
  const text = `a  b   c ${'word '.repeat(50)}`;
  expect(wrapText(text, undefined)).toBe(text);
  expect(wrapText('a  b   c', 8)).toBe('a  b   c');
});

test.each([
  ['a URL', `Meta calls ${URL} for it.`, URL],
  [
    'a command after a colon',
    `Then run: channelctl webhooks set whatsapp/wa-1 --level number`,
    null,
  ],
  [
    'a command in a sentence',
    'See channelctl accounts list --channel <name> for all of the accounts.',
    'channelctl accounts list --channel <name>',
  ],
  ['an option with its value', 'Pass --config app_id=12345678901234567890 to it.', null],
])('keeps %s in one piece, even if it is wider than the line', (_, text, piece) => {
  const kept = piece ?? /(?:channelctl|--config).*?(?= to it|$)/.exec(text)?.[0] ?? '';
  const lines = wrapText(text, 30).split('\n');
  expect(lines.filter((line) => line.includes(kept))).toHaveLength(1);
  expect(lines.filter((line) => line.length > 30 && !line.includes(kept))).toEqual([]);
  expect(lines.join(' ').replaceAll(/\s+/g, ' ')).toBe(text);
});

test('ends a command where its sentence ends', () => {
  const text =
    'Run: channelctl config set webhook_base_url https://…, or pass --url to the command.';
  expect(wrapText(text, 64).split('\n')).toEqual([
    'Run: channelctl config set webhook_base_url https://…, or pass',
    '--url to the command.',
  ]);
});

test('aligns further lines after the label, unless the terminal is narrow', () => {
  const line = `  error    ${'word '.repeat(16).trim()}`;
  const [, second] = wrapText(line, 80).split('\n');
  expect(second).toMatch(/^ {11}word/);
  expect(wrapText(line, 40).split('\n')).toEqual([
    '  error',
    `    ${'word '.repeat(7).trim()}`,
    `    ${'word '.repeat(7).trim()}`,
    '    word word',
  ]);
});

test('ignores colours, and counts wide characters as two columns', () => {
  const red = (text: string) => `\u001b[31m${text}\u001b[39m`;
  expect(wrapText(`${red('error:')} it is`, 12)).toBe(`${red('error:')} it is`);
  expect(wrapText('さくら 坂文具店', 14)).toBe('さくら\n坂文具店');
});
