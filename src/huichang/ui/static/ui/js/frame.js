// The frame: drawer of the rail, help beside the page, loading line, offline banner, lost session.
const body = document.body;

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-toggle-rail]")) body.classList.toggle("is-rail-open");
  if (event.target.closest("[data-close-help]")) document.getElementById("help")?.replaceChildren();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
  body.classList.remove("is-rail-open");
  document.getElementById("help")?.replaceChildren();
});

let running = 0;
const show = () => body.classList.toggle("is-loading", running > 0);
document.addEventListener("htmx:beforeRequest", () => { running += 1; show(); });
document.addEventListener("htmx:afterRequest", () => { running = Math.max(0, running - 1); show(); });

const offline = document.getElementById("offline");
const look = () => { offline.hidden = navigator.onLine; };
window.addEventListener("online", look);
window.addEventListener("offline", look);
look();

// A fragment request that was led to the sign-in page means the session ended: go there whole, drafts stay.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.responseText.includes('data-plain="yes"') && !("plain" in body.dataset)) {
    event.detail.shouldSwap = false;
    window.location.reload();
  }
});
