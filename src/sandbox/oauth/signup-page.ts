import { escaped, page } from './dialog-page.ts';

/** The window in which a person chooses what to connect. */
export function signupPage(
  appName: string,
  numbers: readonly { id: string; name: string }[],
  formToken: string,
): string {
  const options = numbers.map(
    ({ id, name }) => `<option value="${escaped(id)}">${escaped(name)}</option>`,
  );
  return page(
    `Connect WhatsApp to ${appName}`,
    `<h1>Connect WhatsApp to ${escaped(appName)}</h1>
<form method="post">
<input type="hidden" name="form_token" value="${escaped(formToken)}">
<p><label>Phone number <select name="phone_number_id">${options.join('')}</select></label></p>
<div class="buttons">
<button name="decision" value="cancel">Cancel</button>
<button name="decision" value="report_error">Report an error</button>
<button name="decision" value="fail">Fail</button>
<button name="decision" value="finish_only_waba">Only the WABA</button>
<button name="decision" value="finish_business_app">Keep it in the Business app</button>
<button name="decision" value="finish" class="primary">Finish</button>
</div>
</form>`,
  );
}

interface Result {
  /** The origin that may hear it. */
  opener: string;
  message: object;
  code: string | null;
  nonce: string;
}

/** Tells the page that opened the window how it ended, and closes it. */
export function resultPage({ opener, message, code, nonce }: Result): string {
  // As at Meta, what the page hears is text, and other messages come from the same origin.
  const messages = ['cb=sandbox&type=resize', JSON.stringify(message), { sandboxLogin: { code } }];
  return page(
    'Done',
    `<h1>Done</h1><p>You can close this window.</p>
<script nonce="${escaped(nonce)}">
for (const message of ${inScript(messages)}) window.opener?.postMessage(message, ${inScript(opener)});
window.close();
</script>`,
  );
}

/** A value as a script can hold it: nothing in it ends the script. */
function inScript(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}
