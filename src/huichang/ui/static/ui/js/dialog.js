// Native dialogs: data-dialog-open="id", data-dialog-close, a click beside it, Esc. A dialog that arrives by htmx
// with data-dialog-now opens itself. Menus (details[data-menu]) close on Esc and on a click elsewhere.
import { takesTyping, whenPresent } from "./dom.js";

const SIGNS = { "mod+enter": "Ctrl ↵", enter: "↵", escape: "Esc", arrowleft: "←", arrowright: "→", arrowup: "↑", arrowdown: "↓" };

function fillKeys(list) {
  if (!list || list.dataset.filled) return;
  list.dataset.filled = "yes";
  const known = new Set([...list.querySelectorAll("kbd")].map((kbd) => kbd.textContent.trim().toLowerCase()));
  for (const element of document.querySelectorAll("[data-key]")) {
    const key = element.dataset.key;
    const label = element.getAttribute("aria-label") ?? element.querySelector("span")?.textContent ?? element.textContent;
    if (["/", "?", "h"].includes(key) || known.has(key) || element.closest("dialog") || !label.trim()) continue;
    known.add(key);
    const row = document.createElement("div");
    const term = row.appendChild(document.createElement("dt"));
    const kbd = term.appendChild(document.createElement("kbd"));
    kbd.className = "ui-kbd";
    kbd.textContent = SIGNS[key] ?? key.toUpperCase();
    row.appendChild(document.createElement("dd")).textContent = label.trim();
    list.appendChild(row);
  }
}

function open(dialog) {
  fillKeys(dialog.querySelector("[data-fill-keys]"));
  if (!dialog.open) dialog.showModal();
  const first = dialog.querySelector(".ui-dialog-body :is(input:not([type=hidden]), select, textarea)");
  if (first && takesTyping(first)) first.focus();
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog-open]");
  if (opener) open(document.getElementById(opener.dataset.dialogOpen));
  if (event.target.closest("[data-dialog-close]") || event.target.matches("dialog")) {
    event.target.closest("dialog").close();
  }
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// A successful answer to a form inside a dialog closes it; a refusal (409, 422) stays and shows its reasons.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { elt, xhr } = event.detail;
  const dialog = elt.closest("dialog[open]");
  const accepted = xhr.status >= 200 && xhr.status < 300;
  if (dialog && accepted && elt.matches("form") && !("dialogStay" in dialog.dataset)) dialog.close();
});

whenPresent("dialog[data-dialog-now]", open);
