interface ConsentRequest {
  appName: string;
  scopes: readonly string[];
  people: readonly { id: string; name: string }[];
  formToken: string;
}

const PERMISSION_LABELS: Readonly<Record<string, string>> = {
  pages_show_list: 'See the list of Pages you manage',
  pages_messaging: 'Manage and reply to your Pages’ conversations',
  pages_manage_metadata: 'Subscribe to webhooks for your Pages',
  business_management: 'Manage your business portfolio',
  instagram_business_basic: 'See your profile and media',
  instagram_business_manage_messages: 'Manage and reply to your messages',
};

export function consentPage({ appName, scopes, people, formToken }: ConsentRequest): string {
  const permissions = scopes.map((scope) => {
    const purpose = Object.hasOwn(PERMISSION_LABELS, scope) ? PERMISSION_LABELS[scope] : undefined;
    return `<li>${purpose === undefined ? '' : `${escaped(purpose)} `}<code>${escaped(scope)}</code></li>`;
  });
  return page(
    `Log in to ${appName}`,
    `<h1>${escaped(appName)} is requesting access</h1>
<form method="post">
<input type="hidden" name="form_token" value="${escaped(formToken)}">
${personField(people)}
<p>This app will be able to:</p>
<ul>${permissions.join('')}</ul>
<div class="decision">
<button name="decision" value="cancel">Cancel</button>
<button name="decision" value="allow" class="primary">Allow</button>
</div>
</form>`,
  );
}

export function errorPage(message: string): string {
  return page('Sorry, something went wrong', `<h1>Cannot log in</h1><p>${escaped(message)}</p>`);
}

function personField(people: ConsentRequest['people']): string {
  if (people.length === 1) {
    const [person] = people;
    return `<p>Signed in as <strong>${escaped(person?.name ?? '')}</strong></p>
<input type="hidden" name="person" value="${escaped(person?.id ?? '')}">`;
  }
  const options = people.map(
    ({ id, name }) => `<option value="${escaped(id)}">${escaped(name)}</option>`,
  );
  return `<label>Continue as <select name="person">${options.join('')}</select></label>`;
}

export function signupDialogPage(
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
<label>Phone number <select name="phone_number_id">${options.join('')}</select></label>
<p>To try another outcome:</p>
<div class="outcomes">
<button name="decision" value="finish_only_waba">Share only the WABA</button>
<button name="decision" value="finish_business_app">Keep using the WhatsApp Business app</button>
<button name="decision" value="finish_wa_login_user">Log in with the WhatsApp Business app</button>
<button name="decision" value="report_error">Report an error</button>
<button name="decision" value="fail">Fail</button>
</div>
<div class="decision">
<button name="decision" value="cancel">Cancel</button>
<button name="decision" value="finish" class="primary">Finish</button>
</div>
</form>`,
  );
}

interface Result {
  opener: string;
  message: object;
  code: string | null;
  nonce: string;
}

export function signupResultPage({ opener, message, code, nonce }: Result): string {
  // Meta's window also sends the message as a string, and other messages from the same origin.
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

/** Returns a value as a JavaScript literal that cannot close the script element. */
function inScript(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<p class="note">channelctl sandbox: this is not Meta, and permissions that you grant here apply only to the sandbox.</p>
${content}
</main>
</body>
</html>
`;
}

const STYLE = `
:root { color-scheme: light dark; --ground: #f0f2f5; --card: #fff; --ink: #1c2b33; --soft: #51616b; --line: #ced6db; --accent: #0b5fd6; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #14191d; --card: #1f262b; --ink: #e6ebee; --soft: #a4b1b9; --line: #3c464d; --accent: #2d6fe0; }
}
* { box-sizing: border-box; }
html { scroll-padding-bottom: 6rem; }
body { display: grid; grid-template-columns: minmax(0, 30rem); place-content: center; min-height: 100vh; margin: 0; padding: 1rem; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { padding: 1.75rem 1.75rem 0; background: var(--card); border: 1px solid var(--line); border-radius: 12px; overflow-wrap: break-word; }
h1 { margin: 0 0 1rem; font-size: 1.4rem; line-height: 1.25; }
p { margin: 1rem 0; }
ul { padding-left: 1.2rem; }
li { margin: .3rem 0; }
code { display: block; color: var(--soft); font-size: .85em; overflow-wrap: anywhere; }
main > :last-child { margin-bottom: 1.75rem; }
.note { margin: 0 0 1.25rem; padding-bottom: 1rem; border-bottom: 1px solid var(--line); color: var(--soft); font-size: .85rem; }
label { display: block; margin: 1rem 0; }
select { display: block; width: 100%; margin-top: .35rem; text-overflow: ellipsis; }
button, select { min-height: 2.75rem; padding: .5rem 1rem; border: 1px solid var(--line); border-radius: 8px; background: var(--card); color: inherit; font: inherit; }
button { cursor: pointer; }
.outcomes { display: grid; gap: .5rem; }
.outcomes button { text-align: left; }
.decision { position: sticky; bottom: 0; display: flex; gap: .75rem; margin-top: 1.25rem; padding: 1rem 0; background: var(--card); }
.decision button { flex: 1; }
main > form:last-child { margin-bottom: .75rem; }
.primary { border-color: var(--accent); background: var(--accent); color: #fff; font-weight: 600; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
@media (max-width: 26rem) {
  body { padding: 0; }
  main { min-height: 100vh; padding: 1.25rem 1.25rem 0; border: 0; border-radius: 0; }
}
`;

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
