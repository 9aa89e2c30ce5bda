// Forms with data-autosubmit send themselves: choices at once, typed text after a pause.
const PAUSE_MS = 350;
const waiting = new WeakMap();

function send(form, delay) {
  clearTimeout(waiting.get(form));
  waiting.set(form, setTimeout(() => form.requestSubmit(), delay));
}

document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (form?.matches("[data-autosubmit]") && !event.target.matches("[type=search], [type=text]")) send(form, 0);
});
document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (event.isComposing || !form?.matches("[data-autosubmit]")) return;
  if (event.target.matches("[type=search], [type=text]")) send(form, PAUSE_MS);
});
// Characters chosen from a Chinese input method arrive with this event, not with a last "input".
document.addEventListener("compositionend", (event) => {
  const form = event.target.form;
  if (form?.matches("[data-autosubmit]")) send(form, PAUSE_MS);
});
// Empty filters do not belong in the address.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-autosubmit][method=get]") || event.target.hasAttribute("hx-get")) return;
  for (const field of event.target.elements) if (field.name && field.value === "") field.disabled = true;
});
