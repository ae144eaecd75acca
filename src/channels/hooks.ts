// How accounts are connected, checked and compared at Meta: one piece, loaded when one of it is asked for.
export { checkEmail } from './email/check.ts';
export { instagramAtMeta } from './instagram/at-meta.ts';
export { checkInstagram } from './instagram/check.ts';
export { messengerAtMeta } from './messenger/at-meta.ts';
export { checkPage } from './messenger/check.ts';
export { whatsappAtMeta } from './whatsapp/at-meta.ts';
export { checkNumber } from './whatsapp/check.ts';
export { connector } from './whatsapp/connect.ts';
