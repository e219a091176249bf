// Runs before any script of the page and only looks: what was painted and when, what moved, what kept the phone busy.
(() => {
  const seen = { fcp: 0, lcp: 0, lcpIs: "", price: 0, counted: 0, shifts: [], longest: 0, busyUntil: 0 };
  window.seenByBench = seen;
  const watch = (type, note) =>
    new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({ type, buffered: true });
  watch("paint", (entry) => { if (entry.name === "first-contentful-paint") seen.fcp = entry.startTime; });
  watch("largest-contentful-paint", (entry) => {
    seen.lcp = entry.startTime;
    seen.lcpIs = entry.element ? [entry.element.tagName.toLowerCase(), ...entry.element.classList].join(".") : "";
  });
  watch("layout-shift", (entry) => { if (!entry.hadRecentInput) seen.shifts.push([entry.startTime, entry.value]); });
  watch("longtask", (entry) => {
    seen.longest = Math.max(seen.longest, entry.duration);
    seen.busyUntil = entry.startTime + entry.duration;
  });
  const inSight = (element) => {
    const box = element && element.getBoundingClientRect();
    return Boolean(box) && box.width > 0 && box.top < innerHeight && /\d/.test(element.textContent);
  };
  const wanted = { price: ".offer .price", counted: ".basket-bar .count" };
  const look = () => {
    for (const name of Object.keys(wanted)) {
      if (!seen[name] && inSight(document.querySelector(wanted[name]))) seen[name] = performance.now();
    }
    if (seen.price && seen.counted) watcher.disconnect();
  };
  let asked = false;
  const watcher = new MutationObserver(() => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => { asked = false; look(); });
  });
  watcher.observe(document, { childList: true, subtree: true, characterData: true });
})();
