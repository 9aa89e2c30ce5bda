// data-countdown="2026-11-21T09:50:00+08:00": the time left, every second; amber in the last two minutes;
// at zero the text of data-expired and an "ui:expired" event (for hx-trigger).
import { whenPresent } from "./dom.js";

const SOON_S = 120;

function start(element) {
  const end = Date.parse(element.dataset.countdown);
  const shown = element.querySelector("b") ?? element;
  const tick = () => {
    const left = Math.max(0, Math.round((end - Date.now()) / 1000));
    shown.textContent = `${String(Math.floor(left / 60)).padStart(2, "0")}:${String(left % 60).padStart(2, "0")}`;
    element.classList.toggle("is-soon", left > 0 && left <= SOON_S);
    if (!element.isConnected) clearInterval(timer);
    if (left > 0) return;
    clearInterval(timer);
    element.classList.add("is-over");
    if (element.dataset.expired) shown.textContent = element.dataset.expired;
    element.dispatchEvent(new CustomEvent("ui:expired", { bubbles: true }));
  };
  const timer = setInterval(tick, 1000);
  tick();
}

whenPresent("[data-countdown]", start);
