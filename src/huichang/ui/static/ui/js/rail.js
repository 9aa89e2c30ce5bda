// The groups of the rail fold. What a person folds or unfolds is kept in a cookie, so that the server draws it so.
const COOKIE = "rail";
const YEAR = 31536000;

const kept = () => {
  const value = document.cookie.split("; ").find((one) => one.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1) ?? "";
  return new Map(value.split(".").filter(Boolean).map((wish) => wish.split("-")));
};

document.addEventListener("click", (event) => {
  const head = event.target.closest("[data-fold]");
  if (!head) return;
  const folded = head.closest(".ui-rail-group").classList.toggle("is-folded");
  head.setAttribute("aria-expanded", String(!folded));
  const wishes = kept().set(head.dataset.fold, folded ? "f" : "o");
  const value = [...wishes].map((pair) => pair.join("-")).join(".");
  document.cookie = `${COOKIE}=${value}; path=/; max-age=${YEAR}; samesite=lax`;
});
