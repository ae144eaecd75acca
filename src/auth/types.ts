/** What a sign-in is to do. */
export interface SignInRequest {
  /** The name of the place that people sign in at, for messages: `Facebook`. */
  provider: string;
  /** The registered redirect address. It decides the listener: port, path, and TLS for `https:`. */
  redirectUri: string;
  /** The address of the login page for one attempt. */
  loginAddress(state: string): string;
  /** Open the browser; false prints the address and waits. */
  openBrowser: boolean;
  /** Read the redirected address, or the bare code, instead of listening. */
  manual: boolean;
  timeoutSeconds: number;
}

/** What it takes to get an answer from the person's browser. */
export interface BrowserPorts {
  /** Aborted when the person interrupts the program. */
  signal: AbortSignal;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Says one line to the person, on stderr; shown even when quiet. */
  print(line: string): void;
  /** Opens an address in the person's browser. May reject; may also do nothing at all. */
  openInBrowser(address: string): Promise<void>;
  /** The folder that keeps the listener's certificate. It may not exist yet. */
  certificateFolder: string;
}

/** What a sign-in needs of the world around it. */
export interface SignInPorts extends BrowserPorts {
  /**
   * Lines that the person types or pastes, or that stdin holds, until `signal` is aborted or the
   * input ends. Null where there is no terminal and the sign-in is not manual.
   *
   * @param manual whether the sign-in is manual, by request or because nobody can listen
   */
  pastedLines(signal: AbortSignal, manual: boolean): AsyncIterable<string> | null;
}

export interface SignInAnswer {
  code: string;
  /** Resolves once the browser has its result page, or shortly after: until then the program should not exit. */
  settled: Promise<void>;
}
