const base64 = (text: string) => Buffer.from(text).toString('base64');

function spread(text: string, between: string, step: number): string {
  const pattern = new RegExp(`.{${step}}(?=.)`, 'gsu');
  return text.replace(pattern, (part) => part + between);
}

export const WAYS: readonly [name: string, write: (secret: string) => string][] = [
  ['unchanged', (secret) => secret],
  ['wrapped', (secret) => spread(secret, '\n', 9)],
  ['wrapped and indented', (secret) => spread(secret, '\r\n   ', 6)],
  ['the first half', (secret) => secret.slice(0, secret.length / 2)],
  ['the second half', (secret) => secret.slice(secret.length / 2)],
  ['twelve characters', (secret) => `…${secret.slice(5, 17)}…`],
  ['without its last character', (secret) => secret.slice(0, -1)],
  ['in upper case', (secret) => secret.toUpperCase()],
  ['in lower case', (secret) => secret.toLowerCase()],
  ['with zero-width spaces', (secret) => spread(secret, '\u200b', 1)],
  ['with soft hyphens', (secret) => spread(secret, '\u00ad', 3)],
  ['with byte order marks', (secret) => spread(secret, '\ufeff', 5)],
  ['with variation selectors', (secret) => spread(secret, '\ufe0f', 1)],
  ['with combining marks', (secret) => spread(secret, '\u0336', 1)],
  ['with colours', (secret) => spread(secret, '\u001b[31m', 4)],
  ['in a URL', (secret) => `https://x.invalid/?next=${encodeURIComponent(secret)}&y=1`],
  ['as a password in a URL', (secret) => `https://user:${encodeURIComponent(secret)}@x.invalid/`],
  ['as a pair', (secret) => `access_token=${secret}`],
  ['as a header', (secret) => `Authorization: Bearer ${secret}`],
  ['in JSON', (secret) => `{"data":{"access_token":${JSON.stringify(secret)}}}`],
  ['in a table', (secret) => `| token | ${secret} |\n|---|---|`],
  ['in hex', (secret) => Buffer.from(secret).toString('hex')],
  ['in base64', (secret) => `Basic ${base64(`user:${secret}`)}`],
  ['in HTML', (secret) => secret.replace(/./gsu, (one) => `&#${one.codePointAt(0)};`)],
];
