// Forms with data-draft="name" keep what is typed in this browser, per user, until the server has accepted it.
// A closed tab, a lost session or a refusal loses nothing. Passwords, files and data-draft-skip fields are never kept.
import { text, whenPresent } from "./dom.js";

const user = document.body.dataset.user;
const PREFIX = "draft:";
const PENDING = "draft-pending";
const KEPT_DAYS = 7;

const keyOf = (form) => `${PREFIX}${user}:${form.dataset.draft}`;
const fieldsOf = (form) =>
  [...form.elements].filter(
    (field) =>
      field.name &&
      field.name !== "csrfmiddlewaretoken" &&
      !["password", "file", "hidden", "submit", "button"].includes(field.type) &&
      !("draftSkip" in field.dataset),
  );

function read(form) {
  return fieldsOf(form).map((field) => [
    field.name,
    field.type === "checkbox" || field.type === "radio" ? field.value : null,
    field.type === "checkbox" || field.type === "radio"
      ? field.checked
      : field.multiple
        ? [...field.selectedOptions].map((option) => option.value)
        : field.value,
  ]);
}

function write(form, values) {
  const fields = fieldsOf(form);
  for (const [name, choice, value] of values) {
    const field = fields.find((one) => one.name === name && (choice === null || one.value === choice));
    if (!field) continue;
    if (choice !== null) field.checked = value;
    else if (Array.isArray(value)) for (const option of field.options) option.selected = value.includes(option.value);
    else field.value = value;
  }
}

function note(form, initial) {
  const box = document.createElement("div");
  box.className = "ui-draft-note";
  box.setAttribute("role", "status");
  box.appendChild(document.createElement("span")).textContent = text("restored");
  const discard = box.appendChild(document.createElement("button"));
  discard.type = "button";
  discard.textContent = text("discard");
  discard.addEventListener("click", () => {
    write(form, initial);
    localStorage.removeItem(keyOf(form));
    box.remove();
  });
  form.prepend(box);
}

function restore(form) {
  const initial = read(form);
  const stored = JSON.parse(localStorage.getItem(keyOf(form)) ?? "null");
  if (!stored) return;
  if (Date.now() - stored.at > KEPT_DAYS * 86400000) localStorage.removeItem(keyOf(form));
  else if (JSON.stringify(stored.values) !== JSON.stringify(initial)) {
    write(form, stored.values);
    note(form, initial);
  }
}

function save(event) {
  const form = event.target.form;
  if (!form?.dataset.draft) return;
  localStorage.setItem(keyOf(form), JSON.stringify({ at: Date.now(), values: read(form) }));
}

if (user) {
  // A page that follows a plain submit and does not show the same form refused: the server took it.
  const pending = sessionStorage.getItem(PENDING);
  sessionStorage.removeItem(PENDING);
  if (pending) {
    const again = [...document.querySelectorAll("form[data-draft]")].find((form) => keyOf(form) === pending);
    if (!again?.querySelector(".is-invalid, [aria-invalid=true]")) localStorage.removeItem(pending);
  }
  document.addEventListener("input", save);
  document.addEventListener("change", save);
  document.addEventListener("submit", (event) => {
    if (event.target.matches("form[data-draft]:not([hx-post], [hx-put], [hx-patch])")) {
      sessionStorage.setItem(PENDING, keyOf(event.target));
    }
    if (event.target.matches("[data-signs-out]")) {
      for (const key of Object.keys(localStorage)) if (key.startsWith(`${PREFIX}${user}:`)) localStorage.removeItem(key);
    }
  });
  // Before the answer is swapped in: afterwards the form is gone and htmx names its parent instead.
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    const { elt, requestConfig, xhr } = event.detail;
    const accepted = xhr.status >= 200 && xhr.status < 300;
    if (accepted && elt.matches("form[data-draft]") && requestConfig.verb !== "get") localStorage.removeItem(keyOf(elt));
  });
  whenPresent("form[data-draft]", restore);
}
