// What only a change needs, or a look at its traces: one piece, for reading is what most calls do.
export { itemsBetween } from '../profile/audit/changes.ts';
export { appendEntries, readEntries } from '../profile/audit/log.ts';
export { sweepItems, sweepLeftovers, unusedItems } from '../profile/cleanup.ts';
export { deleteProfile } from '../profile/delete-profile.ts';
export { withLock } from '../profile/lock/lock.ts';
export { applyEdit, sweepJournal } from '../profile/transaction.ts';
