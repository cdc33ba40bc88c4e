// Tells the server where somebody is reading, as a number and nothing else: once after twenty seconds in sight, so that
// a glance or a prefetch says nothing, and when the page is left. And shows an exercise one step at a time.
(() => {
  const form = document.getElementById("lesson-progress");
  const pieces = [...document.querySelectorAll(".lesson-text [id^=p]")];
  let seen = 0;
  let told = null;

  // The first piece that has not been scrolled past, counted as the server counts them.
  function place() {
    const piece = pieces.find((one) => one.getBoundingClientRect().bottom > innerHeight / 4) || pieces.at(-1);
    return piece ? Number(piece.id.slice(1)) : 1;
  }

  function tell() {
    const paragraph = place();
    if (seen < 20 || paragraph === told) return;
    told = paragraph;
    const said = new FormData(form);
    said.set("step", "begin");
    if (paragraph > 1) said.set("paragraph", paragraph);
    fetch(form.action, { method: "POST", body: said, credentials: "same-origin", keepalive: true }).catch(() => {});
  }

  function watch() {
    const ticking = setInterval(() => {
      if (document.visibilityState === "visible") seen += 1;
      if (seen < 20) return;
      clearInterval(ticking);
      tell();
    }, 1000);
    document.addEventListener("visibilitychange", () => document.hidden && tell());
    addEventListener("pagehide", tell);
  }

  function step(list) {
    const words = list.dataset;
    const steps = [...list.children];
    const button = Object.assign(document.createElement("button"), { type: "button", className: "plain" });
    let at = -1; // all of them

    function show() {
      steps.forEach((one, number) => { one.hidden = at >= 0 && number !== at; });
      const last = at === steps.length - 1;
      button.textContent = at < 0 ? words.one : last ? words.all : `${words.next} (${at + 2}/${steps.length})`;
    }

    button.addEventListener("click", () => {
      at = at === steps.length - 1 ? -1 : at + 1;
      show();
    });
    list.setAttribute("aria-live", "polite");
    list.after(button);
    show();
  }

  if (form && "unread" in form.dataset) watch();
  document.querySelectorAll("ol.steps[data-one]").forEach((list) => list.children.length > 1 && step(list));
})();
