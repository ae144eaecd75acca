import type { LookupAddress } from 'node:dns';
import { lookup as lookUp } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';

const running = new Map<string, Promise<LookupAddress[]>>();

/**
 * Looks up a host. Concurrent lookups of one host share a request, because each would occupy one of
 * the four threads of Node.js until the DNS server responds, and the program needs them to end.
 */
export const lookup: LookupFunction = (host, options, done) => {
  const key = JSON.stringify([host, options.family, options.hints]);
  const request =
    running.get(key) ?? lookUp(host, { ...options, all: true }).finally(() => running.delete(key));
  running.set(key, request);
  request.then(
    (addresses) => {
      const [first] = addresses;
      if (options.all === true) done(null, addresses);
      else done(null, first?.address ?? '', first?.family);
    },
    (error: NodeJS.ErrnoException) => done(error, []),
  );
};
