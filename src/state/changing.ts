// What only a change needs, or a look at its traces: one piece, for reading is what most calls do.
export { itemsBetween } from './audit-changes.ts';
export { appendEntries, readEntries } from './audit-log.ts';
export { applyEdit, sweepJournal } from './change.ts';
export { deleteProfile } from './delete.ts';
export { sweepItems, sweepLeftovers, unusedItems } from './leftovers.ts';
export { withLock } from './lock.ts';
