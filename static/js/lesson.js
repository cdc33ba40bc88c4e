// Tells once that somebody has begun to read: after twenty seconds in sight, so that a glance or a prefetch says nothing.
(() => {
  const form = document.getElementById("lesson-progress");
  if (!form || !("unread" in form.dataset)) return;
  let seen = 0;
  const ticking = setInterval(() => {
    if (document.visibilityState === "visible") seen += 1;
    if (seen < 20) return;
    clearInterval(ticking);
    const said = new FormData(form);
    said.set("step", "begin");
    fetch(form.action, { method: "POST", body: said, credentials: "same-origin", keepalive: true }).catch(() => {});
  }, 1000);
})();
