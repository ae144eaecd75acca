/** The source text of signup-page.client.js, which runs in the browser. */
declare const source: string;
export default source;
