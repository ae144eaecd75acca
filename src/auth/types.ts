export interface SignInRequest {
  provider: string;
  /**
   * The registered redirect URI. It determines where the callback server listens and whether it
   * uses TLS.
   */
  redirectUri: string;
  authorizationUrl(state: string): string;
  openBrowser: boolean;
  manual: boolean;
  timeoutSeconds: number;
}

export interface SignInResult {
  code: string;
  /**
   * Resolves when the browser has loaded the result page, or after a short timeout. The program
   * should not exit before that.
   */
  resultPageSent: Promise<void>;
}

export interface BrowserPorts {
  signal: AbortSignal;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Prints a line to stderr, even with `--quiet`. */
  print(line: string): void;
  /** Opens a URL in the user's browser. The call may reject or silently do nothing. */
  openInBrowser(url: string): Promise<void>;
  certificateFolder: string;
}

export interface SignInPorts extends BrowserPorts {
  /**
   * Returns lines from the terminal or stdin, until `signal` is aborted or the input ends; null if
   * there is no terminal and the sign-in is not manual.
   *
   * @param manual whether pasting is the only option, on request or because channelctl cannot
   *   listen
   */
  pastedLines(signal: AbortSignal, manual: boolean): AsyncIterable<string> | null;
}
