"use strict";
(() => {
  const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];
  const made = (name, className, text) => Object.assign(document.createElement(name), { className, textContent: text });

  // What a mark means, on hover and on focus.
  const glossary = JSON.parse(document.getElementById("glossary")?.textContent ?? "{}");
  const tip = document.body.appendChild(made("div", "", ""));
  Object.assign(tip, { id: "explanation", role: "tooltip", hidden: true });
  let shown = null;
  let leaving = 0;

  const known = (entry) => `Known errors: of 100 sentences marked so, about ${entry.right} are right; of 100 that are so, about ${entry.found} are marked.`;
  function about(tag, sure, reference) {
    const one = made("div", "one", "");
    const entry = glossary[tag] ?? {};
    one.append(made("p", "name", tag + (entry.skill ? ` (${entry.skill})` : "")));
    if (entry.says) one.append(made("p", "", `${entry.says} ${entry.unless}`));
    if (sure) one.append(made("p", "how", Number(sure) < 60 ? `Only a guess: ${sure} % sure.` : `The model is ${sure} % sure.`));
    if (entry.right !== undefined) one.append(made("p", "how", known(entry)));
    if (reference) one.append(made("p", "how", `You see it otherwise? Dispute it by its reference: coach dispute ${reference} "why".`));
    return one;
  }
  function explained(mark) {
    const { tag, sure = "", ref = "", why } = mark.dataset;
    if (!tag) return [made("p", "", why)];
    const [sures, references] = [sure.split(" "), ref.split(" ")];
    return tag.split(" ").map((name, i) => about(name, sures[i], references[i]));
  }
  function place(x) {
    const lines = [...shown.getClientRects()];
    const line = lines.find((one) => x !== undefined && one.left <= x && x <= one.right) ?? shown.getBoundingClientRect();
    const below = line.bottom + 6;
    const above = line.top - tip.offsetHeight - 6;
    const top = below + tip.offsetHeight <= innerHeight || above < 8 ? below : above;
    tip.style.top = `${Math.max(8, Math.min(top, innerHeight - tip.offsetHeight - 8))}px`;
    tip.style.left = `${Math.max(8, Math.min(line.left, document.documentElement.clientWidth - tip.offsetWidth - 8))}px`;
  }
  function show(mark, x) {
    clearTimeout(leaving);
    if (shown === mark) return;
    shown = mark;
    tip.replaceChildren(...explained(mark));
    tip.hidden = false;
    place(x);
  }
  function hide() {
    clearTimeout(leaving);
    shown = null;
    tip.hidden = true;
  }
  const markOf = (event) => event.target.closest?.("mark[tabindex]");
  document.addEventListener("focusin", (event) => markOf(event) ? show(markOf(event)) : hide());
  document.addEventListener("focusout", hide);
  let escaped = false; // until the pointer moves, what lies beneath it stays as it is
  document.addEventListener("pointermove", () => { escaped = false; }, { capture: true, passive: true });
  document.addEventListener("pointerover", (event) => {
    if (escaped) return;
    const mark = event.pointerType === "mouse" && markOf(event);
    if (mark) show(mark, event.clientX);
    else if (tip.contains(event.target)) clearTimeout(leaving);
    else if (shown && shown !== document.activeElement) { clearTimeout(leaving); leaving = setTimeout(hide, 250); }
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") { escaped = true; hide(); } });
  addEventListener("scroll", () => { if (shown) place(); }, { passive: true });
  addEventListener("resize", hide);

  function explain(inside) {
    all("mark[data-tag], mark[data-why]", inside).forEach((mark) => {
      mark.tabIndex = 0;
      mark.setAttribute("aria-describedby", tip.id);
    });
  }

  // Transcripts that are packed to keep the page small.
  const blocks = new Map();
  async function unpacked(id) {
    const bytes = Uint8Array.from(atob(document.getElementById(id).textContent), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    return (await new Response(stream).text()).split("\u001e");
  }
  async function unpack(details) {
    const { packed, part } = details.dataset;
    if (packed === undefined) return;
    delete details.dataset.packed;
    if (!blocks.has(packed)) blocks.set(packed, unpacked(packed));
    const body = made("div", "words", "");
    body.innerHTML = (await blocks.get(packed))[Number(part)];
    explain(body);
    details.append(body);
  }
  document.addEventListener("toggle", (event) => { if (event.target.open) unpack(event.target); }, true);

  // A link to a chat, or to a turn in it, opens it.
  async function open(name) {
    const inside = document.getElementById(name) ?? document.getElementById(name.replace(/-t\d+$/, ""));
    const details = inside?.closest("details");
    if (!details) return;
    for (let outer = details; outer; outer = outer.parentElement.closest("details")) outer.open = true;
    all("[hidden]").filter((row) => row.contains(details)).forEach((row) => { row.hidden = false; });
    await unpack(details);
    (document.getElementById(name) ?? details).scrollIntoView();
  }

  // Filters: rows of a list or table whose data-NAME holds the value chosen in the control called NAME.
  const forms = all("form.filters");
  const fields = (form) => [...form.elements].filter((field) => field.name);
  const rowsOf = (target) => target.tBodies
    ? [...target.tBodies].flatMap((body) => [...body.rows])
    : [...target.children].filter((child) => child.localName !== "script");
  function filter(form) {
    const rows = rowsOf(document.getElementById(form.dataset.for));
    const chosen = fields(form).filter((field) => field.value);
    rows.forEach((row) => {
      row.hidden = !chosen.every((field) => (row.dataset[field.name] ?? "").split(" ").includes(field.value));
    });
    const left = rows.filter((row) => !row.hidden).length;
    const none = left || !chosen.length ? "" : " Nothing is all of this at once: choose less.";
    form.querySelector("[role=status]").textContent = `${left} of ${rows.length} shown.${none}`;
  }
  function remember() {
    const chosen = forms.flatMap((form) => fields(form).filter((field) => field.value)
      .map((field) => `${form.dataset.for}.${field.name}=${field.value}`));
    history.replaceState(null, "", `#${chosen.join("&")}`);
  }
  function recall() {
    const place = location.hash.slice(1);
    if (place && !place.includes("=")) return open(decodeURIComponent(place));
    const state = new Map(place.split("&").map((pair) => pair.split("=")));
    forms.forEach((form) => {
      fields(form).forEach((field) => {
        const value = state.get(`${form.dataset.for}.${field.name}`) ?? "";
        field.value = [...field.options].some((option) => option.value === value) ? value : "";
      });
      filter(form);
    });
    return undefined;
  }
  forms.forEach((form) => {
    form.hidden = false;
    form.addEventListener("change", () => { filter(form); remember(); });
    form.addEventListener("reset", () => setTimeout(() => { filter(form); remember(); }));
    form.addEventListener("submit", (event) => event.preventDefault());
    filter(form);
  });

  explain(document);
  all("details[open]").forEach(unpack);
  addEventListener("hashchange", recall);
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href^='#']");
    if (link && link.hash === location.hash) recall();
  });
  if (location.hash) recall();
})();
