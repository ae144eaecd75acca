import type { OperationName } from '../graph/operations/index.ts';
import type { Fault } from './http/faults.ts';
import type { Seed } from './seed/seed.ts';

export interface SandboxUrls {
  graph_url: string;
  facebook_url: string;
  instagram_url: string;
  instagram_api_url: string;
  instagram_graph_url: string;
  facebook_sdk_url: string;
}

export interface SandboxData {
  app_id: string;
  app_secret: string;
  instagram_app_id: string;
  instagram_app_secret: string;
  waba_id: string;
  phone_number_id: string;
  business_token: string;
  pin: string;
  pages: { id: string; name: string; access_token: string }[];
}

export type SandboxDescription = SandboxUrls & SandboxData;

export interface RecordedRequest {
  method: string;
  /** The path with the prefix of its service and the version: `/graph/v26.0/me/accounts`. */
  path: string;
  query: Record<string, string>;
  body: string;
  /** By lower-case name; repeated headers are joined with commas. */
  headers: Record<string, string>;
  operation: OperationName | null;
  /** Whether this is a call of the batch request that precedes it, and not an HTTP request. */
  is_in_batch: boolean;
}

export interface SandboxOptions {
  port: number;
  seed?: Seed | undefined;
  /** Milliseconds since the epoch. */
  now?: (() => number) | undefined;
  /** Receives one line per request: method, path without its query, status. */
  log?: ((line: string) => void) | undefined;
  /** Called when the first client uses TLS, which the sandbox does not accept. */
  onTls?: (() => void) | undefined;
}

export interface Sandbox {
  port: number;
  urls: SandboxUrls;
  description: SandboxDescription;
  /** The last 1,000 requests, oldest first. */
  requests: readonly RecordedRequest[];
  inject(fault: Fault): void;
  close(): Promise<void>;
}
