import { deleteAppSubscription, getApp, listAppSubscriptions, setAppSubscription } from './apps.ts';
import { sendBatch } from './batch.ts';
import {
  listBusinesses,
  listClientPages,
  listClientWabas,
  listOwnedPages,
  listOwnedWabas,
} from './businesses.ts';
import type { Handlers } from './handler.ts';
import {
  exchangeInstagramCode,
  extendInstagramToken,
  getInstagramProfile,
  listInstagramSubscriptions,
  refreshInstagramToken,
  subscribeInstagram,
} from './instagram.ts';
import {
  exchangeLoginCode,
  exchangeSignupCode,
  extendUserToken,
  renewBusinessToken,
} from './login.ts';
import { deleteMessengerProfile, getMessengerProfile, setMessengerProfile } from './menu.ts';
import {
  getPage,
  getPageToken,
  listAssignedPages,
  listPageSubscriptions,
  listPages,
  subscribePage,
  unsubscribePage,
} from './pages.ts';
import {
  deregisterPhoneNumber,
  getPhoneNumber,
  registerPhoneNumber,
  setNumberWebhook,
  setTwoStepPin,
} from './phone-numbers.ts';
import { debugToken, getUser } from './tokens.ts';
import {
  getWaba,
  listPhoneNumbers,
  listWabaSubscriptions,
  subscribeWaba,
  unsubscribeWaba,
} from './wabas.ts';

export const handlers: Handlers = {
  exchangeLoginCode,
  extendUserToken,
  exchangeSignupCode,
  renewBusinessToken,
  debugToken,
  listPages,
  listAssignedPages,
  listBusinesses,
  listOwnedPages,
  listClientPages,
  listOwnedWabas,
  listClientWabas,
  getPageToken,
  getPage,
  subscribePage,
  unsubscribePage,
  listPageSubscriptions,
  setMessengerProfile,
  getMessengerProfile,
  deleteMessengerProfile,
  getPhoneNumber,
  getWaba,
  listPhoneNumbers,
  listWabaSubscriptions,
  subscribeWaba,
  unsubscribeWaba,
  registerPhoneNumber,
  deregisterPhoneNumber,
  setTwoStepPin,
  setNumberWebhook,
  exchangeInstagramCode,
  extendInstagramToken,
  refreshInstagramToken,
  getInstagramProfile,
  subscribeInstagram,
  listInstagramSubscriptions,
  listAppSubscriptions,
  setAppSubscription,
  deleteAppSubscription,
  getUser,
  getApp,
  sendBatch,
};
