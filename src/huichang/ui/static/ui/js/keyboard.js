// data-key="b" on a button or link presses it, on a field enters it. Plain keys are ignored while typing;
// data-key="mod+enter" (Ctrl or Command) works there too. An open dialog keeps the keys to itself.
import { takesTyping, usable } from "./dom.js";

function nameOf(event) {
  const key = event.key.toLowerCase();
  return event.ctrlKey || event.metaKey ? `mod+${key}` : key;
}

function boundTo(name) {
  const scope = document.querySelector("dialog[open]") ?? document;
  return [...scope.querySelectorAll("[data-key]")].find(
    (element) => element.dataset.key.toLowerCase() === name && usable(element),
  );
}

function enter(element) {
  if (takesTyping(element)) {
    element.focus();
    element.select?.();
  } else {
    element.focus({ preventScroll: true });
    element.click();
  }
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.altKey || event.isComposing) return;
  const name = nameOf(event);
  const typing = takesTyping(event.target);
  if (name === "escape" && typing) event.target.blur();
  if (typing && !name.startsWith("mod+")) return;
  // Enter and space already press whatever has the focus.
  if ((name === "enter" || name === " ") && event.target.closest?.("a, button, summary")) return;
  const element = boundTo(name);
  if (!element) return;
  event.preventDefault();
  enter(element);
});
