// How accounts are connected, checked and compared at Meta: one piece, loaded when one of it is asked for.
export { checkEmail } from './email/check.ts';
export { checkInstagram } from './instagram/check.ts';
export { instagramAtMeta } from './instagram/remote.ts';
export { checkPage } from './messenger/check.ts';
export { messengerAtMeta } from './messenger/remote.ts';
export { checkNumber } from './whatsapp/check.ts';
export { connector } from './whatsapp/connect.ts';
export { whatsappAtMeta } from './whatsapp/remote.ts';
