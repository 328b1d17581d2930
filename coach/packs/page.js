"use strict";
(() => {
  const tidy = (text) => text.normalize("NFKC").toLowerCase().replace(/[‘’`]/g, "'").replace(/\s+/g, " ").trim().replace(/^[.,;:!?"]+|[.,;:!?"]+$/g, "");
  const say = (item, text) => { item.querySelector("[role=status]").textContent = text; };
  const done = (item) => document.dispatchEvent(new CustomEvent("item-done", { detail: item }));
  const judge = {
    choice(item) {
      const chosen = item.querySelector("input:checked");
      if (!chosen) return say(item, "Choose one first.");
      const feedback = chosen.closest(".option").querySelector(".feedback");
      const verdict = chosen.hasAttribute("data-right") ? "Yes, that is it." : "Not this one.";
      say(item, feedback ? `${verdict} ${feedback.textContent}` : verdict);
      return done(item);
    },
    gap(item) {
      const given = tidy(item.querySelector(".gap input").value);
      if (!given) return say(item, "Write something into the gap first.");
      const accepted = [...item.querySelectorAll(".accepted li")].some((one) => tidy(one.textContent) === given);
      say(item, accepted ? "Yes, that fits." : "Not the words that stood here. Yours may fit too: open the key and compare.");
      return done(item);
    },
    order(item) {
      const places = [...item.querySelectorAll("select")];
      if (places.some((place) => !place.value)) return say(item, "Give every step a place first.");
      const right = places.filter((place) => place.value === place.dataset.place).length;
      say(item, right === places.length ? "Yes, that is the order." : `${right} of ${places.length} steps stand in their place.`);
      return done(item);
    },
  };
  document.querySelectorAll(".item").forEach((item) => {
    const button = item.querySelector("button.check");
    if (button) {
      button.hidden = false;
      button.addEventListener("click", () => judge[item.dataset.response](item));
    }
    item.querySelector("details").addEventListener("toggle", (event) => event.target.open && done(item));
  });
  const all = document.getElementById("open-all");
  if (all) {
    all.hidden = false;
    all.addEventListener("click", () => document.querySelectorAll(".item > details").forEach((part) => { part.open = true; }));
  }
})();
