import { createHmac } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { parseSeed } from '../../src/sandbox/seed/seed.ts';
import { startSandbox } from '../../src/sandbox/start.ts';
import type { Sandbox } from '../../src/sandbox/types.ts';

export const VERSION = 'v26.0';
export const REDIRECT = 'http://localhost:8976/callback';
const SCOPES = 'pages_show_list,pages_messaging,pages_manage_metadata,business_management';

/**
 * Two apps, two users and three Pages. The second user has only the task ANALYZE, on the first
 * Page.
 */
export const SMALL_SEED = `
apps:
  - { id: "700", secret: app-secret-700, name: Small Desk }
  - { id: "701", secret: app-secret-701, name: Other Desk }
pages:
  - { id: "81", name: Alder Books, category: Bookstore }
  - { id: "82", name: Birch & Co }
  - { id: "83", name: Cedar Tea }
people:
  - { id: "91", name: Ada Alder, pages: [{ id: "81" }, { id: "82" }] }
  - { id: "92", name: Bo Birch, pages: [{ id: "81", tasks: [ANALYZE] }] }
`;

export function stoppedClock(start = Date.UTC(2026, 7, 1)) {
  let time = start;
  return {
    now: () => time,
    pass(milliseconds: number) {
      time += milliseconds;
    },
  };
}

export async function sandbox(seed = SMALL_SEED, now?: () => number): Promise<Sandbox> {
  const running = await startSandbox({ port: 0, seed: parseSeed(seed), now });
  onTestFinished(() => running.close());
  return running;
}

export interface Answer {
  status: number;
  headers: Headers;
  body: {
    [key: string]: unknown;
    error?: {
      message: string;
      type: string;
      code: number;
      error_subcode?: number;
      fbtrace_id?: string;
      is_transient?: boolean;
    };
  };
}

export async function answerOf(response: Response): Promise<Answer> {
  const body: Answer['body'] = JSON.parse(await response.text());
  return { status: response.status, headers: response.headers, body };
}

export type Query = Record<string, string>;

export async function get(on: Sandbox, path: string, token: string | null, query: Query = {}) {
  const address = `${on.urls.graph_url}/${VERSION}${path}?${new URLSearchParams(query)}`;
  return answerOf(await fetch(address, { headers: authorization(token) }));
}

export async function send(
  on: Sandbox,
  method: 'POST' | 'DELETE',
  path: string,
  token: string | null,
  body: unknown,
) {
  const address = `${on.urls.graph_url}/${VERSION}${path}`;
  const headers = { ...authorization(token), 'Content-Type': 'application/json' };
  return answerOf(await fetch(address, { method, headers, body: JSON.stringify(body) }));
}

export function authorization(token: string | null): Record<string, string> {
  return token === null ? {} : { Authorization: `Bearer ${token}` };
}

export function proofOf(token: string, secret: string): string {
  return createHmac('sha256', secret).update(token).digest('hex');
}

export function dialogAddress(on: Sandbox, changed: Record<string, string | null> = {}): string {
  const address = new URL(`${on.urls.facebook_url}/${VERSION}/dialog/oauth`);
  const parameters = {
    client_id: on.description.app_id,
    redirect_uri: REDIRECT,
    response_type: 'code',
    scope: SCOPES,
    state: 'state-1',
    ...changed,
  };
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null) address.searchParams.set(name, value);
  }
  return address.href;
}

export async function decide(
  address: string,
  decision: 'allow' | 'cancel',
  person?: string,
): Promise<Response> {
  const page = await (await fetch(address)).text();
  const formToken = /name="form_token" value="([^"]+)"/.exec(page)?.[1] ?? 'none';
  const form = new URLSearchParams({ form_token: formToken, decision });
  if (person !== undefined) form.set('person', person);
  return fetch(address, { method: 'POST', body: form, redirect: 'manual' });
}

export async function signInCode(
  on: Sandbox,
  changed: Record<string, string | null> = {},
  person?: string,
): Promise<string> {
  const response = await decide(dialogAddress(on, changed), 'allow', person);
  return new URL(response.headers.get('location') ?? '').searchParams.get('code') ?? '';
}

export function exchange(on: Sandbox, code: string, changed: Query = {}) {
  return get(on, '/oauth/access_token', null, {
    client_id: on.description.app_id,
    client_secret: on.description.app_secret,
    redirect_uri: REDIRECT,
    code,
    ...changed,
  });
}

export function extend(on: Sandbox, token: string, changed: Query = {}) {
  return get(on, '/oauth/access_token', null, {
    grant_type: 'fb_exchange_token',
    client_id: on.description.app_id,
    client_secret: on.description.app_secret,
    fb_exchange_token: token,
    ...changed,
  });
}

export async function userToken(
  on: Sandbox,
  changed: Record<string, string | null> = {},
  person?: string,
): Promise<string> {
  const { body } = await exchange(on, await signInCode(on, changed, person));
  return String(body.access_token);
}

export function pageToken(on: Sandbox, id: string): string {
  const page = on.description.pages.find((candidate) => candidate.id === id);
  if (page === undefined) throw new Error(`The sandbox has no Page ${id}.`);
  return page.access_token;
}
