import { handshake } from '../handshake.ts';
import { invalidParameter } from '../refusal.ts';
import { callbackRefused, foreignWaba } from '../refusal-whatsapp.ts';
import { type BusinessToken, type Token, tokenOf } from '../token.ts';
import type { Waba } from '../whatsapp-world.ts';
import type { World } from '../world.ts';
import { fieldsOf } from './fields.ts';
import type { Handler } from './handler.ts';
import { resultPage } from './paging.ts';
import { listedNumberNode, wabaNode } from './whatsapp-nodes.ts';

export const getWaba: Handler<'getWaba'> = ({ parameters, token, world }) => {
  const { waba, app } = ownWaba(world, token, parameters.waba_id);
  const node = wabaNode(waba, app.id);
  const shown = fieldsOf(node, parameters.fields, 'WhatsAppBusinessAccount', ['id', 'name']);
  return { ...shown, id: node.id };
};

/** The WABA's numbers, 25 at a time, with `limit` up to 100. */
export const listPhoneNumbers: Handler<'listPhoneNumbers'> = (call) => {
  const { parameters, token, world, address } = call;
  const { waba, app, value } = ownWaba(world, token, parameters.waba_id);
  const ids = waba.numbers.map((number) => number.seed.id);
  const { shown, ...paging } = resultPage(ids, parameters, value, address);
  const data = waba.numbers
    .filter((number) => shown.includes(number.seed.id))
    .map((number) => {
      const node = listedNumberNode(number, app.id);
      const fields = fieldsOf(node, parameters.fields, 'WhatsAppBusinessPhoneNumber', [
        ...(['id', 'display_phone_number', 'verified_name', 'status', 'quality_rating'] as const),
      ]);
      return { ...fields, id: node.id };
    });
  return { data, ...paging };
};

export const listWabaSubscriptions: Handler<'listWabaSubscriptions'> = (call) => {
  const { waba } = ownWaba(call.world, call.token, call.parameters.waba_id);
  return {
    data: [...waba.subscriptions].map(([id, { name, override }]) => ({
      whatsapp_business_api_data: {
        id,
        name,
        link: `https://www.facebook.com/games/?app_id=${id}`,
      },
      ...(override !== null && { override_callback_uri: override }),
    })),
  };
};

/**
 * Subscribes the app, and calls an override address with the handshake at once. Without one, an
 * earlier override is gone.
 *
 * @throws Refusal 100 where the override address is not right or does not answer the handshake
 */
export const subscribeWaba: Handler<'subscribeWaba'> = async ({ parameters, token, world }) => {
  const { waba, app } = ownWaba(world, token, parameters.waba_id);
  const { override_callback_uri: override = null, verify_token } = parameters;
  if (override !== null) {
    if (verify_token === undefined)
      throw invalidParameter('The parameter verify_token is required');
    const challenge = String(world.below(2 ** 31));
    const fault = await handshake(override, verify_token, challenge);
    if (fault !== null) throw callbackRefused(fault);
  }
  waba.subscriptions.set(app.id, { name: app.name, override });
  return { success: true };
};

/** Unsubscribes the app; one that is not subscribed is so all the same. */
export const unsubscribeWaba: Handler<'unsubscribeWaba'> = ({ parameters, token, world }) => {
  const { waba, app } = ownWaba(world, token, parameters.waba_id);
  waba.subscriptions.delete(app.id);
  return { success: true };
};

/** @throws Refusal 200 where it is another's */
function ownWaba(
  world: World,
  token: Token | null,
  id: string,
): { waba: Waba } & Pick<BusinessToken, 'app' | 'value'> {
  const { wabas, app, value } = tokenOf('business', token);
  const waba = world.whatsapp.wabas.get(id);
  if (waba === undefined || !wabas.has(id)) throw foreignWaba();
  return { waba, app, value };
}
