"use strict";
(() => {
  const LIMIT = 4096; // what cmi.suspend_data holds
  const above = (from) => {
    for (let frame = from, depth = 0; frame && depth < 10; depth += 1, frame = frame.parent) {
      if (frame.API) return frame.API;
      if (frame.parent === frame) return null;
    }
    return null;
  };
  const find = () => {
    try { return above(window) || (window.opener ? above(window.opener) : null); } catch { return null; }
  };
  const api = find();
  const items = [...document.querySelectorAll(".item")];
  const practised = items.filter((item) => !item.hasAttribute("data-later"));
  const needed = practised.length ? practised : items;
  const width = Math.max(1, Math.min(12, Math.floor(LIMIT / Math.max(1, items.length)) - 1));
  const key = (item) => item.dataset.item.slice(0, width);
  const progress = document.getElementById("progress");
  const seen = new Set();
  const show = () => {
    items.forEach((item) => { item.querySelector(".done").hidden = !seen.has(key(item)); });
    progress.textContent = `${items.filter((item) => seen.has(key(item))).length} of ${items.length} done`;
  };
  const isComplete = () => needed.every((item) => seen.has(key(item)));
  const talks = api !== null && String(api.LMSInitialize("")) === "true";
  const was = talks ? String(api.LMSGetValue("cmi.core.lesson_status")) : "";
  const settled = ["completed", "passed", "failed"].includes(was);
  if (talks) {
    String(api.LMSGetValue("cmi.suspend_data") || "").split(" ").filter(Boolean).forEach((one) => seen.add(one));
  }
  const store = () => {
    if (!talks) return;
    api.LMSSetValue("cmi.suspend_data", [...seen].join(" ").slice(0, LIMIT));
    if (!settled) api.LMSSetValue("cmi.core.lesson_status", isComplete() ? "completed" : "incomplete");
    api.LMSCommit("");
  };
  let left = false;
  const leave = () => {
    if (!talks || left) return;
    left = true;
    store();
    api.LMSSetValue("cmi.core.exit", settled || isComplete() ? "" : "suspend");
    api.LMSCommit("");
    api.LMSFinish("");
  };
  document.addEventListener("item-done", (event) => {
    seen.add(key(event.detail));
    show();
    store();
  });
  window.addEventListener("pagehide", leave);
  window.addEventListener("unload", leave);
  show();
  store();
})();
