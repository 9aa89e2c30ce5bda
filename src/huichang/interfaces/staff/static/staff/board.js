// Cars on the day board are put elsewhere by dragging them, or by keyboard: M on a chosen car, or Alt with an arrow.
// Both ask the server what the move would mean; nothing changes before its dialog is confirmed.
const GRID = 3; // columns of five minutes: quarters of an hour
const MINUTE = 60_000;
let drag = null;

const bar = (event) => event.target.closest?.(".bd-bar[data-place]");
const tracks = () => [...document.querySelectorAll(".bd-track[data-bay]")];

function trackAt(x, y) {
  return tracks().find((track) => {
    const box = track.getBoundingClientRect();
    return x >= box.left && x <= box.right && y >= box.top && y <= box.bottom;
  });
}

function columnAt(track, x) {
  const box = track.getBoundingClientRect();
  const column = ((x - box.left) / box.width) * track.dataset.columns * 12;
  return Math.max(0, Math.round(column / GRID) * GRID);
}

// The visit as a whole moves by as much as the block that was taken hold of.
function ask(car, bay, columns) {
  const start = new Date(new Date(car.dataset.first).getTime() + columns * 5 * MINUTE).toISOString();
  const query = new URLSearchParams({ starts_at: start, bay });
  window.htmx.ajax("GET", `${car.dataset.place}?${query}`, { target: "#place", swap: "innerHTML" });
}

function ghost(track, at, width) {
  document.querySelector(".bd-ghost")?.remove();
  for (const one of tracks()) one.classList.toggle("is-target", one === track);
  if (!track) return;
  const mark = document.createElement("i");
  mark.className = `bd-ghost at-${at} for-${width}`;
  track.appendChild(mark);
}

function width(car) {
  return [...car.classList].find((name) => name.startsWith("for-")).slice(4);
}

document.addEventListener("pointerdown", (event) => {
  const car = bar(event);
  if (!car || event.button !== 0) return;
  const box = car.getBoundingClientRect();
  drag = { car, x: event.clientX, y: event.clientY, grip: event.clientX - box.left, moved: false };
});

document.addEventListener("pointermove", (event) => {
  if (!drag) return;
  if (!drag.moved && Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < 6) return;
  drag.moved = true;
  drag.car.classList.add("is-dragged");
  const track = trackAt(event.clientX, event.clientY);
  ghost(track, track ? columnAt(track, event.clientX - drag.grip) : 0, width(drag.car));
  event.preventDefault();
});

document.addEventListener("pointerup", (event) => {
  if (!drag) return;
  const { car, moved, grip } = drag;
  const track = moved ? trackAt(event.clientX, event.clientY) : null;
  car.classList.remove("is-dragged");
  ghost(null);
  drag = null;
  if (!track) return;
  ask(car, track.dataset.bay, columnAt(track, event.clientX - grip) - Number(car.dataset.at));
  // The click that ends a drag must not open the booking.
  window.addEventListener("click", (click) => { click.preventDefault(); click.stopPropagation(); }, { capture: true, once: true });
  setTimeout(() => window.dispatchEvent(new Event("click")), 0);
});

document.addEventListener("dragstart", (event) => { if (bar(event)) event.preventDefault(); });

document.addEventListener("keydown", (event) => {
  const car = bar(event);
  if (!car) return;
  const track = car.closest(".bd-track");
  const all = tracks();
  const at = all.indexOf(track);
  const steps = { ArrowLeft: [0, -GRID], ArrowRight: [0, GRID], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  if (event.key.toLowerCase() === "m" && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    event.stopPropagation();
    ask(car, track.dataset.bay, 0);
  } else if (event.altKey && event.key in steps) {
    event.preventDefault();
    event.stopPropagation();
    const [lanes, columns] = steps[event.key];
    ask(car, (all[at + lanes] ?? track).dataset.bay, columns);
  }
}, true);

// While a car is in the hand or the dialog is open the board stands still.
document.addEventListener("htmx:beforeRequest", (event) => {
  const isBoard = event.detail.elt.id === "board";
  if (isBoard && event.detail.requestConfig.triggeringEvent?.type !== "board-changed" && (drag || document.querySelector("#place-dialog[open]"))) {
    event.preventDefault();
  }
});

// Whoever stood on a car stands on it again after the board was drawn anew.
let focused = "";
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target?.id === "board") focused = document.activeElement?.id ?? "";
});
document.addEventListener("htmx:afterSettle", () => {
  if (focused.startsWith("bar-")) document.getElementById(focused)?.focus();
  focused = "";
});
