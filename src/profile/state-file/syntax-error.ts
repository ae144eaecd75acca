/** For a longer string, the YAML library would need hundreds of megabytes. */
const MAX_YAML_LENGTH = 1_000_000;

/** Returns the message of JSON.parse with the position, but without the text that it may quote. */
export async function describeSyntaxError(text: string, { message }: SyntaxError): Promise<string> {
  const [what] = message.split(/ at position |, (?:\.\.\.)?"/);
  const offset = await errorOffset(text, message);
  if (offset === null) return `${what}.`;
  const before = text.slice(0, offset).split('\n');
  return `${what} at line ${before.length}, column ${(before.at(-1) ?? '').length + 1}.`;
}

/** Returns null if the position is unknown. */
async function errorOffset(text: string, message: string): Promise<number | null> {
  const position = /at position (\d+)/.exec(message)?.[1];
  if (position !== undefined) return Number(position);
  if (message.endsWith('end of JSON input')) return text.length;
  if (text.length > MAX_YAML_LENGTH) return null;
  const { parseYaml, YamlSyntaxError } = await import('../../shared/parse-yaml.ts');
  try {
    parseYaml(text, { schema: 'json' });
    return null;
  } catch (error) {
    return error instanceof YamlSyntaxError ? error.offset : null;
  }
}
