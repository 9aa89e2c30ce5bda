// Small helpers shared by the modules.

/** The sentence `name` of the page's language (data-text-… on body, written by ui/_texts.html). */
export function text(name) {
  return document.body.dataset[`text${name[0].toUpperCase()}${name.slice(1)}`] ?? "";
}

/** Whether an element takes typed characters, so that plain letter keys belong to it. */
export function takesTyping(element) {
  if (!(element instanceof HTMLElement)) return false;
  if (element.isContentEditable || element.matches("textarea, select")) return true;
  return element.matches("input") && !["checkbox", "radio", "button", "submit", "range", "file"].includes(element.type);
}

/** Whether an element can be seen and used at this moment. */
export function usable(element) {
  return !element.disabled && element.getClientRects().length > 0 && getComputedStyle(element).visibility !== "hidden";
}

/** Run `visit` once for every match in the page now and in everything htmx swaps in later. */
export function whenPresent(selector, visit) {
  const seen = new WeakSet();
  const once = (element) => {
    if (seen.has(element)) return;
    seen.add(element);
    visit(element);
  };
  const look = (root) => {
    if (root instanceof Element && root.matches(selector)) once(root);
    root.querySelectorAll(selector).forEach(once);
  };
  look(document);
  document.addEventListener("htmx:load", (event) => look(event.detail.elt));
}
