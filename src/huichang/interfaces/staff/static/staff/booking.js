// Arrow keys move among the days and the slots of the booking panel (and from one to the other); Home and End go to
// the ends. Number keys press the free slots through data-key. When a hold runs out the panel says so by itself.
const step = { ArrowLeft: -1, ArrowRight: 1 };

function columns(group) {
  const [first, ...rest] = group.children;
  const next = rest.findIndex((one) => one.offsetTop > first.offsetTop);
  return next < 0 ? group.children.length : next + 1;
}

function target(event, group, buttons) {
  const at = buttons.indexOf(event.target);
  if (event.key in step) return buttons[at + step[event.key]];
  if (event.key === "Home") return buttons[0];
  if (event.key === "End") return buttons.at(-1);
  const wide = columns(group);
  const moved = buttons[at + (event.key === "ArrowDown" ? wide : -wide)];
  if (moved) return moved;
  const groups = [...document.querySelectorAll("#booking [data-bk-group]")];
  const other = groups[groups.indexOf(group) + (event.key === "ArrowDown" ? 1 : -1)];
  return other?.querySelector('[aria-pressed="true"]') ?? other?.querySelector("button:not(.is-refused)") ?? other?.querySelector("button");
}

function onKey(event) {
  const group = event.target.closest?.("#booking [data-bk-group]");
  if (!group || !["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"].includes(event.key)) return;
  const next = target(event, group, [...group.querySelectorAll("button")]);
  event.preventDefault();
  event.stopPropagation();
  next?.focus();
}

document.addEventListener("keydown", onKey, true);
