import type { Sandbox } from '../../src/sandbox/types.ts';
import { answerOf, authorization, decide, type Query } from './support.ts';

export const IG_REDIRECT = 'https://localhost:8976/callback';

export const INSTAGRAM_SEED = `
instagram:
  app_id: "800"
  app_secret: ig-secret
  app_name: Small Desk-IG
  redirect_uris: ["${IG_REDIRECT}", "http://localhost/cb"]
  code_answer: plain
  bare_user_id: false
  accounts:
    - { user_id: "17841445902716038", app_scoped_id: "27134509918264417", username: ada.alder, name: Ada Alder }
    - { user_id: "17841445902716039", app_scoped_id: "27134509918264418", username: bo.birch, name: Bo Birch, access_token: IGAAready }
`;

export function authorizeAddress(on: Sandbox, changed: Record<string, string | null> = {}): string {
  const address = new URL(`${on.urls.instagram_url}/oauth/authorize`);
  const parameters = {
    client_id: on.description.instagram_app_id,
    redirect_uri: IG_REDIRECT,
    response_type: 'code',
    scope: 'instagram_business_basic,instagram_business_manage_messages',
    state: 'state-1',
    ...changed,
  };
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null) address.searchParams.set(name, value);
  }
  return address.href;
}

export async function instagramCode(
  on: Sandbox,
  changed: Record<string, string | null> = {},
  person?: string,
): Promise<string> {
  const response = await decide(authorizeAddress(on, changed), 'allow', person);
  return new URL(response.headers.get('location') ?? '').searchParams.get('code') ?? '';
}

export async function exchangeInstagram(on: Sandbox, code: string, changed: Query = {}) {
  const body = new URLSearchParams({
    client_id: '800',
    client_secret: 'ig-secret',
    grant_type: 'authorization_code',
    redirect_uri: IG_REDIRECT,
    code,
    ...changed,
  });
  const address = `${on.urls.instagram_api_url}/oauth/access_token`;
  return answerOf(await fetch(address, { method: 'POST', body }));
}

export async function shortInstagramToken(
  on: Sandbox,
  changed: Record<string, string | null> = {},
  person?: string,
): Promise<string> {
  const { body } = await exchangeInstagram(on, await instagramCode(on, changed, person));
  return String(body.access_token);
}

export async function onInstagram(
  on: Sandbox,
  method: 'GET' | 'POST',
  path: string,
  token: string | null,
  query: Query = {},
) {
  const address = `${on.urls.instagram_graph_url}${path}?${new URLSearchParams(query)}`;
  return answerOf(await fetch(address, { method, headers: authorization(token) }));
}
