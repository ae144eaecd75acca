import { BASE_CSS } from '../page.ts';

export const SIGNUP_CSS = `${BASE_CSS}
:root { --button: #0a66d8; --button-over: #0855b5; --whatsapp: #1b8a4b; --whatsapp-wash: #dcf6e6; }
@media (prefers-color-scheme: dark) {
  :root { --button: #2b72e6; --button-over: #4285f0; --whatsapp: #4fd68a; --whatsapp-wash: #11382a; }
}
h1:focus { outline: none; }
.mark > * { display: none; }
.mark { color: var(--whatsapp); background: var(--whatsapp-wash); }
:is([data-state=good], [data-state=complete]) .mark { color: var(--good); background: var(--good-wash); }
:is([data-state=bad], [data-state=unreachable], [data-state=refused], [data-state=stale], [data-state=lost]) .mark {
  color: var(--bad); background: var(--bad-wash);
}
:is([data-state=loading], [data-state=ready]) .start,
:is([data-state=open], [data-state=working]) .turn,
:is([data-state=good], [data-state=complete]) .good-mark,
:is([data-state=bad], [data-state=unreachable], [data-state=refused], [data-state=stale], [data-state=lost]) .bad-mark {
  display: inline;
}
.turn { transform-origin: 12px 12px; animation: turn 1.1s linear infinite; }
@keyframes turn { to { transform: rotate(360deg); } }
@media (prefers-reduced-motion: reduce) { .turn { animation-duration: 6s; } }
button {
  display: none; width: 100%; margin-top: 1.75rem; padding: .85rem 1.25rem; border: 0;
  border-radius: .625rem; background: var(--button); color: #fff; font: inherit; font-weight: 600;
  cursor: pointer;
}
button:hover:enabled { background: var(--button-over); }
button:disabled { opacity: .55; cursor: default; }
button:focus-visible { outline: 3px solid var(--button); outline-offset: 3px; }
:is([data-state=loading], [data-state=ready], [data-state=open]) #go,
:is([data-state=unreachable], [data-state=refused], [data-state=stale]) #again { display: block; }
:is([data-state=good], [data-state=bad], [data-state=complete], [data-state=lost]) .terminal { display: flex; }
.terminal { display: none; }
dl {
  display: grid; grid-template-columns: auto 1fr; gap: .45rem 1.25rem; margin-top: 1.5rem;
  padding: .9rem 1.1rem; border: 1px solid var(--edge); border-radius: .625rem; text-align: left;
  font-size: .9375rem;
}
dl[hidden] { display: none; }
@media (max-width: 26rem) {
  dl { display: block; }
  dd + dt { margin-top: .45rem; }
}
dt { color: var(--soft); }
dd { overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
/* Facebook's SDK inserts invisible frames here. */
#fb-root { position: absolute; left: -200vw; width: 0; height: 0; overflow: hidden; }
`;
