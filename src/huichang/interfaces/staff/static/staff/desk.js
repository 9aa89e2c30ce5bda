// The call desk: B goes to the first free slot; what was typed about the call goes along with a booking;
// a new customer in the workspace starts at the top.
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-desk-book]")) return;
  const panel = document.getElementById("booking");
  const first = panel?.querySelector(".bk-slot[data-key]") ?? panel?.querySelector(".bk-day, select, button");
  panel?.scrollIntoView({ block: "nearest" });
  first?.focus();
});

document.addEventListener("htmx:configRequest", (event) => {
  const workspace = document.getElementById("workspace");
  const form = document.getElementById("call-form");
  if (!form || event.detail.verb !== "post" || !event.detail.path.startsWith(workspace.dataset.book)) return;
  for (const [name, value] of new FormData(form)) event.detail.formData.append(name, value);
  event.detail.formData.append("tab", document.getElementById("queue-tab")?.value ?? "");
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.id !== "workspace" && event.detail.target?.id !== "workspace") return;
  const workspace = document.getElementById("workspace");
  workspace.querySelector(".desk-case")?.scrollTo(0, 0);
  if (workspace.querySelector(".desk-case")) document.getElementById("main")?.focus({ preventScroll: true });
});
