// Toasts: those the server rendered, those of the answer header HX-Trigger {"ui:toast": {"text": …, "tone": "ok"}},
// and one for every request that failed. Good news leaves by itself, bad news waits to be read.
import { text, whenPresent } from "./dom.js";

const STAY_MS = 6000;

export function toast(message, tone = "accent") {
  const box = document.createElement("div");
  box.className = `ui-toast is-${tone}`;
  box.dataset.toast = "";
  box.appendChild(document.createElement("span")).textContent = message;
  const close = box.appendChild(document.createElement("button"));
  close.type = "button";
  close.className = "ui-icon-btn";
  close.dataset.toastClose = "";
  close.setAttribute("aria-label", text("close"));
  close.textContent = "×";
  document.getElementById("toasts").appendChild(box);
  settle(box);
}

function settle(box) {
  if (box.dataset.settled) return;
  box.dataset.settled = "yes";
  if (!box.matches(".is-bad, .is-warn")) setTimeout(() => box.remove(), STAY_MS);
}

document.addEventListener("click", (event) => {
  event.target.closest("[data-toast-close]")?.closest("[data-toast]")?.remove();
});
document.addEventListener("ui:toast", (event) => toast(event.detail.text, event.detail.tone));

document.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr.status;
  const names = { 403: "forbidden", 404: "gone", 429: "slow" };
  toast(text(names[status] ?? "failed"), "bad");
});
document.addEventListener("htmx:sendError", () => toast(text("failed"), "bad"));

whenPresent("[data-toast]", settle);
