import type { OperationName } from '../graph/operations/index.ts';
import type { Fault } from './http/faults.ts';
import type { Seed } from './seed/seed.ts';

/** The addresses at which one sandbox stands in for Meta's servers. */
export interface SandboxAddresses {
  graph_url: string;
  facebook_url: string;
  instagram_url: string;
  instagram_api_url: string;
  instagram_graph_url: string;
  facebook_sdk_url: string;
}

/** What a script needs to use the sandbox: exactly what `sandbox start --json` prints. */
export interface SandboxDescription extends SandboxAddresses {
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

/** A request as it arrived, whatever came of it. */
export interface RecordedRequest {
  method: string;
  /** Path with the prefix of its service and the version: `/graph/v26.0/me/accounts`. */
  path: string;
  query: Record<string, string>;
  /** The body as text, undecoded; empty where there was none. */
  body: string;
  /** By lower-case name; a repeated header is joined with commas. */
  headers: Record<string, string>;
  /** The operation it was taken for; null where it was none. */
  operation: OperationName | null;
}

export interface SandboxOptions {
  /** 0 takes a free port. */
  port: number;
  seed?: Seed | undefined;
  /** Milliseconds since the epoch. */
  now?: (() => number) | undefined;
  /** Gets a line for each request: method, path without its query, status. */
  log?: ((line: string) => void) | undefined;
}

export interface Sandbox {
  addresses: SandboxAddresses;
  description: SandboxDescription;
  /** The requests so far, in the order of arrival; the last thousand, where there are more. */
  requests: readonly RecordedRequest[];
  /** Adds a fault behind those that are waiting already. */
  inject(fault: Fault): void;
  /** Stops at once and cuts the connections that are open. */
  close(): Promise<void>;
}
