const FAULT_INJECTION = 'the term used in fault injection, and a key of the seed';
const GUIDE = 'the guide quotes it as a phrase to avoid';

/**
 * Correct uses of a phrase, each with a reason.
 *
 * @type {{ text: string, in: string, reason: string }[]}
 */
export const ALLOWED = [
  { text: 'fault', in: 'src/sandbox/', reason: FAULT_INJECTION },
  { text: 'faults', in: 'src/sandbox/', reason: FAULT_INJECTION },
  { text: 'Fault injected', in: 'src/sandbox/', reason: FAULT_INJECTION },
  { text: 'fault', in: 'test/sandbox/', reason: FAULT_INJECTION },
  { text: 'faults', in: 'test/sandbox/', reason: FAULT_INJECTION },
  { text: 'the fault applies', in: 'README.md', reason: FAULT_INJECTION },
  { text: '"somebody" and "a person"', in: 'docs/style.md', reason: GUIDE },
  { text: '(does not beat it)', in: 'docs/style.md', reason: GUIDE },
  { text: '(not mended)', in: 'docs/style.md', reason: GUIDE },
  { text: '(not forgotten)', in: 'docs/style.md', reason: GUIDE },
  { text: 'secrets forget', in: '', reason: 'the name of a command' },
  { text: '(not gone)', in: 'docs/style.md', reason: GUIDE },
  { text: '"a line an item"', in: 'docs/style.md', reason: GUIDE },
];
