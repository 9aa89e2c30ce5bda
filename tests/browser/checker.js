// What a page must be for everybody, run inside it: returns the faults as sentences.
// Names and labels, landmarks, references, tab order, one language, and text that can be read (WCAG 2.2 AA).
() => {
  const wrong = [];
  const root = document.documentElement;
  const shown = (e) => e.getClientRects().length > 0 && getComputedStyle(e).visibility !== "hidden";
  const start = (e) => e.outerHTML.slice(0, 90);
  const named = (e) => (e.textContent || "").trim() || e.getAttribute("aria-label") || e.title
    || e.querySelector("[aria-label]") || e.querySelector("img[alt]");
  const labelled = (e) => (e.labels && e.labels.length) || e.getAttribute("aria-label")
    || e.getAttribute("aria-labelledby") || e.title;
  const all = (selector) => [...document.querySelectorAll(selector)];

  if (root.scrollWidth > window.innerWidth) wrong.push(`is ${root.scrollWidth} px wide`);
  if (all("main").length !== 1) wrong.push("needs exactly one main");
  if (all("h1").length !== 1) wrong.push(`has ${all("h1").length} h1`);
  if (!["zh-Hans", "en"].includes(root.lang)) wrong.push(`does not say its language (${root.lang})`);
  if (!document.title.split("·")[0].trim()) wrong.push("has no title of its own");

  for (const e of all("input:not([type=hidden]), select, textarea"))
    if (shown(e) && !labelled(e)) wrong.push(`field without a label: ${start(e)}`);
  for (const e of all("label[for]"))
    if (!document.getElementById(e.htmlFor)) wrong.push(`label of nothing: ${start(e)}`);
  for (const e of all("a[href], button, summary"))
    if (shown(e) && !named(e)) wrong.push(`nameless: ${start(e)}`);
  for (const e of all("img")) if (!e.hasAttribute("alt")) wrong.push("image without alt");
  for (const e of all("nav, [role=region], [role=group], dialog, fieldset"))
    if (shown(e) && !e.getAttribute("aria-label") && !e.getAttribute("aria-labelledby") && !e.querySelector("legend"))
      wrong.push(`landmark without a name: ${start(e)}`);
  for (const attribute of ["aria-labelledby", "aria-describedby", "aria-controls"])
    for (const e of all(`[${attribute}]`))
      for (const id of e.getAttribute(attribute).split(/\s+/))
        if (id && !document.getElementById(id)) wrong.push(`${attribute} to nothing: ${id}`);
  for (const e of all("[tabindex]")) if (e.tabIndex > 0) wrong.push(`tab order of its own: ${start(e)}`);
  const ids = all("[id]").map((e) => e.id);
  for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) wrong.push(`id twice: ${id}`);
  for (const e of all("[style], script:not([src]):not([type])")) wrong.push(`inline style or script: ${start(e)}`);

  // Contrast: the colour of every shown text against what lies behind it.
  const read = (text) => {
    const [r, g, b, a = 1] = text.match(/[\d.]+/g).map(Number);
    return text.startsWith("color(") ? { r: r * 255, g: g * 255, b: b * 255, a } : { r, g, b, a };
  };
  const over = (top, under, alpha = top.a) => ({
    r: top.r * alpha + under.r * (1 - alpha), g: top.g * alpha + under.g * (1 - alpha),
    b: top.b * alpha + under.b * (1 - alpha), a: 1,
  });
  const light = ({ r, g, b }) => {
    const [x, y, z] = [r, g, b].map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (e) => {
    const layers = [];
    for (let at = e; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      const layer = read(style.backgroundColor);
      if (style.backgroundImage.includes("gradient") && layer.a < 1) return null;  // a picture: judged by eye
      layers.unshift(layer);
      if (layer.a === 1) break;
    }
    return layers.reduce((under, layer) => over(layer, under), { r: 255, g: 255, b: 255, a: 1 });
  };
  const veil = (e) => {
    let share = 1;
    for (let at = e; at; at = at.parentElement) share *= Number(getComputedStyle(at).opacity);
    return share;
  };
  const judge = (e, style, text) => {
    const ground = behind(e);
    if (!ground || e.closest(":disabled, [disabled]")) return;
    const ink = read(style.color);
    const [high, low] = [light(over(ink, ground, ink.a * veil(e))), light(ground)].sort((x, y) => y - x);
    const ratio = (high + 0.05) / (low + 0.05);
    const size = parseFloat(style.fontSize);
    const enough = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    if (ratio < enough) wrong.push(`contrast ${ratio.toFixed(2)} of “${text.trim().slice(0, 20)}” in ${e.className || e.tagName}`);
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const e = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !shown(e) || e.closest(".visually-hidden, script, noscript, option")) continue;
    judge(e, getComputedStyle(e), texts.currentNode.data);
  }
  for (const e of all("[placeholder]"))
    if (shown(e) && !e.value) judge(e, getComputedStyle(e, "::placeholder"), e.placeholder);
  return [...new Set(wrong)];
}
