// Whoever uses this browser next finds nothing of what it kept: neither texts nor the pages for no network.
(() => {
  const { person } = document.body.dataset;

  // What was tapped and typed at a meeting (meeting.js), of everybody or of others.
  function forgetMeetings(but) {
    const kept = Object.keys(localStorage).filter((key) => key.startsWith("meeting:"));
    for (const key of kept) if (!but || !key.startsWith(`meeting:${but}:`)) localStorage.removeItem(key);
  }

  async function clear() {
    localStorage.removeItem("person");
    forgetMeetings();
    await keptTexts.clear();
    for (const worker of await navigator.serviceWorker.getRegistrations()) await worker.unregister();
    for (const name of await caches.keys()) await caches.delete(name);
  }

  // What was tapped at a meeting without network, in its order.
  async function sendTaps(token) {
    const waiting = Object.keys(localStorage).filter((key) => key.startsWith(`meeting:${person}:`) && key.endsWith(":taps"));
    for (const { to, body, at } of waiting.flatMap((key) => JSON.parse(localStorage.getItem(key)))) {
      const tap = new URLSearchParams(body);
      const ago = Math.max(0, Math.round((Date.now() - at) / 1000));
      for (const [name, value] of [["ago", ago], ["writer", person], ["csrfmiddlewaretoken", token]]) tap.set(name, value);
      await fetch(to, { method: "POST", body: tap, credentials: "same-origin" });
    }
  }

  // What is not sent yet is sent first; false where the server does not take it just now. A sitting that has ended by
  // itself leaves its texts to their author.
  async function leave(token) {
    if (!(await keptTexts.writer())) return true;
    const outcomes = await keptTexts.sendAll({ leaving: true });
    if (outcomes.some(([, answer]) => answer.became === "later")) return false;
    await sendTaps(token);
    await clear();
    return true;
  }

  // Without network one stays signed in, and nothing is cleared. Whatever this browser cannot do, it signs out; the
  // server tells it to clear everything as well.
  async function signOut(form) {
    const isSent = await leave(form.elements.csrfmiddlewaretoken.value).catch(() => true);
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
    forgetMeetings(person);
    for (const text of await keptTexts.all()) {
      if (text.person !== person) await keptTexts.forget(text.key);
    }
  }
  takeOver().catch(() => {});
})();
