// Whoever uses this browser next finds nothing of what it kept: neither texts nor the pages for no network.
(() => {
  const { person } = document.body.dataset;

  async function clear() {
    localStorage.removeItem("person");
    keptTaps.forget();
    await keptTexts.clear();
    for (const worker of await navigator.serviceWorker.getRegistrations()) await worker.unregister();
    for (const name of await caches.keys()) await caches.delete(name);
  }

  // What is not sent yet is sent first; false where the server does not take it just now. A sitting that has ended by
  // itself leaves its texts to their author.
  async function leave() {
    const who = await keptTexts.writer();
    if (!who) return true;
    await keptTaps.sendAll(who.person, who.token);
    const outcomes = await keptTexts.sendAll({ leaving: true });
    if (outcomes.some(([, answer]) => answer.became === "later")) return false;
    await clear();
    return true;
  }

  async function isNothingLeft() {
    return !keptTaps.isAny(person) && !(await keptTexts.all()).some((text) => text.person === person);
  }

  // Without network one stays signed in, and nothing is cleared. Whatever this browser cannot do, it signs out, unless
  // something unsent lies here: the server tells it to clear everything as well.
  async function signOut(form) {
    const isSent = await leave().catch(() => isNothingLeft().catch(() => true));
    if (isSent) return form.submit();
    const notice = document.getElementById("on-phone");
    notice.hidden = false;
    notice.querySelector("span").textContent = notice.dataset.waiting;
    scrollTo(0, 0);
  }

  document.addEventListener("submit", (event) => {
    if (!event.target.action.endsWith("/konto/logout/")) return;
    event.preventDefault();
    signOut(event.target);
  });

  // Somebody else's sitting may have ended by itself.
  async function takeOver() {
    localStorage.setItem("person", person);
    for (const text of await keptTexts.all()) {
      if (text.person !== person) await keptTexts.forget(text.key);
    }
  }
  takeOver().catch(() => {});
})();
