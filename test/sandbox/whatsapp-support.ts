import type { Sandbox } from '../../src/sandbox/types.ts';
import { send, VERSION } from './support.ts';

export const SEED = `
apps:
  - { id: "700", secret: app-secret-700, name: Small Desk, redirect_uris: ["https://localhost:8976/callback"] }
  - { id: "701", secret: app-secret-701, name: Other Desk }
whatsapp:
  pin: "111111"
  business_token: EAAcommon
  wabas:
    - id: "10"
      name: Alder WABA
      numbers:
        - { id: "11", registered: false, display_phone_number: "+1 631-555-0110" }
        - { id: "12", registered: false, pin: null }
        - { id: "13", quality_rating: RED, pin: "222222" }
        - { id: "14", registered: false, code_verification_status: EXPIRED }
        - { id: "15", registered: false, recently_deleted: true }
        - { id: "16", registered: false, register_calls: 9 }
    - id: "20"
      business_token: EAAown
      subscribed_apps: [{ id: "701" }]
      numbers: [{ id: "21" }]
    - id: "30"
      locked: true
      numbers: [{ id: "31", registered: false }]
webhooks:
  - { app_id: "700", object: whatsapp_business_account, callback_url: "https://desk.example/all", fields: [messages] }
`;

export const TOKEN = 'EAAcommon';

export const register = (on: Sandbox, id: string, pin: string) =>
  send(on, 'POST', `/${id}/register`, TOKEN, { messaging_product: 'whatsapp', pin });

export function signupAddress(on: Sandbox, changed: Record<string, string | null> = {}): string {
  const address = new URL(`${on.urls.facebook_url}/${VERSION}/dialog/embedded_signup`);
  const parameters = {
    client_id: on.description.app_id,
    config_id: '55',
    response_type: 'code',
    override_default_response_type: 'true',
    extras: '{}',
    origin: 'https://localhost:8976',
    ...changed,
  };
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null) address.searchParams.set(name, value);
  }
  return address.href;
}

export async function endSignup(on: Sandbox, number: string, decision: string): Promise<string> {
  const address = signupAddress(on);
  const page = await (await fetch(address)).text();
  const form_token = /name="form_token" value="([^"]+)"/.exec(page)?.[1] ?? 'none';
  const body = new URLSearchParams({ form_token, phone_number_id: number, decision });
  return (await fetch(address, { method: 'POST', body })).text();
}

export async function signupCode(on: Sandbox, number: string): Promise<string> {
  return /"code":"([^"]+)"/.exec(await endSignup(on, number, 'finish'))?.[1] ?? 'none';
}
