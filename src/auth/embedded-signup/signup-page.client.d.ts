/** The text of sign-up-page.client.js, which runs in the browser and not here. */
declare const text: string;
export default text;
