import { createServer } from 'node:http';
import { createGraph } from '../../src/graph/client.ts';
import type { OperationName, ParametersOf } from '../../src/graph/operations/index.ts';
import type { whatsapp } from '../../src/graph/operations/whatsapp.ts';
import { parseSeed } from '../../src/sandbox/seed/seed.ts';
import { startSandbox } from '../../src/sandbox/start.ts';
import { client } from './support.ts';

export interface Exchange {
  operation: OperationName | null;
  path: string;
  query: URLSearchParams;
  headers: Headers;
  body: unknown;
  status: number;
  answer: unknown;
}

const SEED = `
apps: [{ id: "700", secret: app-secret-700, name: Small Desk }]
whatsapp:
  pin: "111111"
  business_token: EAAcommon
  wabas:
    - id: "10"
      numbers: # with the statuses and limits of Meta's OpenAPI description
        - { id: "11", registered: false, messaging_limit_tier: TIER_1K, listed_status: LINKED }
        - { id: "12", quality_rating: RED, name_status: DECLINED, messaging_limit_tier: TIER_1K, listed_status: LINKED }
        - { id: "13", register_calls: 10, messaging_limit_tier: TIER_1K, listed_status: LINKED }
        - { id: "14", status: FLAGGED, messaging_limit_tier: TIER_1K, listed_status: UNLINKED }
    - { id: "20", business_token: EAAown, numbers: [{ id: "21" }] }
    - { id: "30", locked: true, numbers: [{ id: "31" }] }
webhooks:
  - { app_id: "700", object: whatsapp_business_account, callback_url: "https://desk.example/all", fields: [messages] }
`;

const NUMBER_FIELDS =
  'id,display_phone_number,verified_name,quality_rating,code_verification_status,name_status,status,platform_type,throughput,messaging_limit_tier,health_status,account_mode,is_official_business_account,is_pin_enabled';
const WABA_FIELDS =
  'id,name,currency,timezone_id,message_template_namespace,account_review_status,business_verification_status,ownership_type,country,health_status';

/** Makes every WhatsApp call, some of which fail, and records the exchanges. */
export async function recordExchanges(): Promise<Exchange[]> {
  const sandbox = await startSandbox({ port: 0, seed: parseSeed(SEED) });
  const { origin } = new URL(sandbox.urls.graph_url);
  const exchanges: Exchange[] = [];
  const recorder = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    const { method = '', url = '' } = request;
    const {
      authorization = '',
      'content-type': type = '',
      'user-agent': agent = '',
    } = request.headers;
    const headers = new Headers({ authorization, 'content-type': type, 'user-agent': agent });
    const passedOn = body === '' ? { method, headers } : { method, headers, body };
    const answer = await fetch(origin + url, passedOn);
    const text = await answer.text();
    const { pathname, searchParams } = new URL(url, origin);
    exchanges.push({
      operation: sandbox.requests.at(-1)?.operation ?? null,
      path: pathname.replace('/graph', ''),
      query: searchParams,
      headers,
      body: body === '' ? undefined : JSON.parse(body),
      status: answer.status,
      answer: JSON.parse(text),
    });
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text);
  });
  await new Promise<void>((resolve) => recorder.listen(0, '127.0.0.1', resolve));
  const bound = recorder.address();
  const port = typeof bound === 'object' ? bound?.port : undefined;
  const graph = createGraph(client(`http://127.0.0.1:${port}/graph`).options);
  const token = { token: 'EAAcommon', appSecret: 'app-secret-700' };
  const call = <Name extends keyof typeof whatsapp>(
    name: Name,
    parameters: ParametersOf<Name>,
    credentials = token,
  ) => graph.call(name, parameters, credentials).catch(() => undefined);
  for (const phone_number_id of ['11', '12', '14', '21', '4711']) {
    await call('getPhoneNumber', { phone_number_id, fields: NUMBER_FIELDS });
  }
  const register = (phone_number_id: string, pin: string) =>
    call('registerPhoneNumber', { phone_number_id, messaging_product: 'whatsapp', pin });
  for (const id of ['11', '13', '31']) await register(id, '111111');
  await register('12', '222222');
  await call('setTwoStepPin', { phone_number_id: '12', pin: '222222' });
  for (const _ of [1, 2]) await call('deregisterPhoneNumber', { phone_number_id: '14' });
  for (const waba_id of ['10', '30', '20', '4711']) {
    await call('getWaba', { waba_id, fields: WABA_FIELDS });
    await call('subscribeWaba', { waba_id });
    await call('listWabaSubscriptions', { waba_id });
  }
  const override = { override_callback_uri: 'https://desk.example/', verify_token: 't' };
  await call('subscribeWaba', { waba_id: '10', ...override });
  await call('subscribeWaba', {
    waba_id: '10',
    ...override,
    override_callback_uri: 'http://127.0.0.1:1/',
  });
  await call('listWabaSubscriptions', { waba_id: '10' });
  for (const webhook_configuration of [override, { override_callback_uri: '' }]) {
    await call('setNumberWebhook', { phone_number_id: '12', webhook_configuration });
  }
  await call('unsubscribeWaba', { waba_id: '10' });
  await graph.list('listPhoneNumbers', { waba_id: '10', fields: NUMBER_FIELDS, limit: 3 }, token);
  await call('getWaba', { waba_id: '10', fields: 'id' }, { token: 'EAAgone', appSecret: 'x' });
  recorder.close();
  recorder.closeAllConnections();
  await sandbox.close();
  return exchanges;
}
