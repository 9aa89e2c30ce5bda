// tr[data-href]: a click anywhere in the row opens its record (the link inside serves the keyboard).
// data-copy="text" copies; data-print prints; data-clear="#help" empties; data-tick-all="name" ticks the form's boxes.
import { text } from "./dom.js";
import { toast } from "./toast.js";

document.addEventListener("change", (event) => {
  const all = event.target.closest("[data-tick-all]");
  for (const box of all?.form?.elements ?? []) if (box.name === all.dataset.tickAll) box.checked = all.checked;
});

document.addEventListener("click", (event) => {
  const copy = event.target.closest("[data-copy]");
  if (copy) navigator.clipboard?.writeText(copy.dataset.copy).then(() => toast(text("copied"), "ok"));
  if (event.target.closest("[data-print]")) window.print();
  const clear = event.target.closest("[data-clear]");
  if (clear) document.querySelector(clear.dataset.clear)?.replaceChildren();

  const row = event.target.closest("tr[data-href]");
  if (!row || event.target.closest("a, button, input, label, select, summary") || getSelection().toString()) return;
  if (event.ctrlKey || event.metaKey) window.open(row.dataset.href, "_blank", "noopener");
  else window.location.assign(row.dataset.href);
});
