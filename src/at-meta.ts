// The nouns that talk to Meta or to a mail server: as one piece, like `everyday.ts`.
export { verbs as email } from './commands/email/index.ts';
export { verbs as instagram } from './commands/instagram/index.ts';
export { verbs as menu } from './commands/menu/index.ts';
export { verbs as messenger } from './commands/messenger/index.ts';
export { verbs as sandbox } from './commands/sandbox/index.ts';
export { verbs as tokens } from './commands/tokens/index.ts';
export { verbs as whatsapp } from './commands/whatsapp/index.ts';
