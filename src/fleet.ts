// The commands that look at all there is, or prepare it: as one piece, like `everyday.ts`.
export { api } from './commands/api/api.ts';
export { apply } from './commands/apply.ts';
export { completion } from './commands/completion.ts';
export { doctor } from './commands/doctor.ts';
export { exportDocument } from './commands/export.ts';
export { init } from './commands/init/init.ts';
export { plan } from './commands/plan.ts';
export { schema } from './commands/schema.ts';
export { status } from './commands/status.ts';
export { verbs as webhooks } from './commands/webhooks/index.ts';
