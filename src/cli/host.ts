import type { Environment } from '../profile/settings.ts';
import type { ScryptCost } from '../secrets/file-format.ts';
import type { Input, Output } from '../shared/streams.ts';

/** What an invocation gets from the process that it runs in. */
export interface Host {
  env: Environment;
  stdin: Input;
  stdout: Output;
  stderr: Output;
  /** Aborted when the user interrupts the command. */
  signal: AbortSignal;
  openInBrowser(address: string): Promise<void>;
  /** `v20.19.0`. */
  nodeVersion: string;
  /** What the key of a new encrypted file costs to derive; the store's default if omitted. */
  secretFileCost?: ScryptCost;
}
