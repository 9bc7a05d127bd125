// Toasts, menus and dialogs.
import { html, useEffect, useRef, useState } from "../lib/preact.js";
import { useKeys } from "./keys.js";
import { Icon } from "./view.js";

let show = () => {};
/** Says something for a while, with an action that can be taken back in that time. */
export function toast(text, action) { show({ text, action, seconds: action ? 10 : 5, id: Math.random() }); }

export function Toasts() {
  const [shown, setShown] = useState(null);
  show = setShown;
  useEffect(() => {
    if (!shown) return;
    const timer = setTimeout(() => setShown(null), shown.seconds * 1000);
    return () => clearTimeout(timer);
  }, [shown]);
  const act = () => { setShown(null); shown.action.run(); };
  useKeys({ z: () => shown?.action ? act() : false });
  return html`<div class="toasts" role="status" aria-live="polite">${shown && html`<div class="toast" key=${shown.id}><span>${shown.text}</span>
    ${shown.action && html`<button aria-keyshortcuts="z" onClick=${act}>${shown.action.label}</button>`}</div>`}</div>`;
}

/** A button with a list of choices below it. */
export function Menu({ label, title, children, className }) {
  const [open, setOpen] = useState(false);
  const box = useRef(null);
  useEffect(() => {
    if (!open) return;
    const close = (event) => {
      if (event.type === "keydown" ? event.key === "Escape" : !box.current?.contains(event.target)) setOpen(false);
    };
    addEventListener("pointerdown", close);
    addEventListener("keydown", close);
    return () => { removeEventListener("pointerdown", close); removeEventListener("keydown", close); };
  }, [open]);
  return html`<div class="menu" ref=${box}>
    <button class=${className ?? "quiet"} aria-haspopup="true" aria-expanded=${open} title=${title} aria-label=${title} onClick=${() => setOpen(!open)}>${label}</button>
    ${open && html`<ul onClick=${(event) => event.target.closest("a,button") && setOpen(false)}>${children}</ul>`}</div>`;
}

export function Dialog({ title, close, wide, sheet, children }) {
  const dialog = useRef(null);
  useEffect(() => { dialog.current.showModal(); dialog.current.querySelector("[data-focus]")?.focus(); }, []);
  return html`<dialog ref=${dialog} class=${wide ? "wide" : sheet ? "sheet" : undefined} aria-label=${title} onClose=${close} onClick=${(event) => event.target === dialog.current && close()}>
    <header><h2>${title}</h2><button class="quiet" aria-label="Close" onClick=${close}><${Icon} name="x" /></button></header>${children}</dialog>`;
}
