// The search field: htmx fetches the results; arrows choose, Enter opens, Esc empties, a click elsewhere closes.
const box = document.querySelector("[data-typeahead]");

if (box) {
  const input = box.querySelector("input");
  const list = box.querySelector('[role="listbox"]');
  const options = () => [...list.querySelectorAll('[role="option"]')];
  let chosen = -1;

  const choose = (index) => {
    const all = options();
    chosen = all.length ? (index + all.length) % all.length : -1;
    all.forEach((option, i) => option.setAttribute("aria-selected", String(i === chosen)));
    const option = all[chosen];
    if (option) {
      option.id ||= `find-option-${chosen}`;
      input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else {
      input.removeAttribute("aria-activedescendant");
    }
  };
  const close = () => {
    list.replaceChildren();
    input.setAttribute("aria-expanded", "false");
    choose(-1);
  };

  list.addEventListener("htmx:afterSwap", () => {
    input.setAttribute("aria-expanded", String(options().length > 0));
    choose(input.value.trim() ? 0 : -1);
    if (!input.value.trim()) close();
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown") choose(chosen + 1);
    else if (event.key === "ArrowUp") choose(chosen - 1);
    else if (event.key === "Enter") options()[chosen]?.click();
    else if (event.key === "Escape") {
      input.value = "";
      close();
      return;
    } else return;
    event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    if (!box.contains(event.target)) close();
  });
}
