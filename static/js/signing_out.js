// Whoever uses this browser next finds nothing of what it kept: neither texts nor the pages for no network.
(() => {
  const { person } = document.body.dataset;

  async function clear() {
    localStorage.removeItem("person");
    await keptTexts.clear();
    for (const worker of await navigator.serviceWorker.getRegistrations()) await worker.unregister();
    for (const name of await caches.keys()) await caches.delete(name);
  }

  // What is not sent yet is sent first. Without network one stays signed in, and nothing is cleared. Whatever this
  // browser cannot do, it signs out; the server tells it to clear everything as well.
  async function signOut(form) {
    try {
      await keptTexts.writer();
      await keptTexts.sendAll({ leaving: true });
      await clear();
    } finally {
      form.submit();
    }
  }

  document.addEventListener("submit", (event) => {
    if (!event.target.action.endsWith("/konto/logout/")) return;
    event.preventDefault();
    signOut(event.target).catch(() => {});
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
