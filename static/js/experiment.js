// Keeps a step on the server while it is written. Without this script the button does it.
(() => {
  const LATEST = 5_000;

  function watch(form) {
    const edition = form.querySelector('input[name="field-edition"]');
    const line = form.querySelector(".kept-line");
    let timer = null;
    let changed = false;
    let stopped = false;
    let sent = false;
    let sending = Promise.resolve();

    function say(words, isGood = false) {
      line.textContent = line.dataset[words];
      line.classList.toggle("good", isGood);
    }

    async function send(keepalive) {
      if (!changed || stopped) return;
      changed = false;
      try {
        const answer = await fetch(form.action, {
          method: "POST", body: new FormData(form), keepalive, credentials: "same-origin",
          headers: { "X-Requested-With": "autosave" },
        });
        if (answer.ok && answer.headers.get("Content-Type").includes("json")) {
          edition.value = (await answer.json()).edition;
          return say("kept", true);
        }
        if (answer.status === 409) stopped = true;
        if ([401, 403, 409].includes(answer.status)) say(answer.status === 409 ? "elsewhere" : "out");
      } catch {
        changed = true;
        say("offline");
        later();
      }
    }

    // One after the other: each answer carries the edition that the next one needs.
    function save(keepalive = false) {
      clearTimeout(timer);
      timer = null;
      sending = sending.then(() => send(keepalive));
    }

    function later() {
      timer ||= setTimeout(save, LATEST);
    }

    form.addEventListener("input", () => {
      changed = true;
      later();
    });
    // What is on its way first: it raises the edition that is sent with the button.
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (sent) return;
      sent = true;
      clearTimeout(timer);
      await sending;
      stopped = true;
      const button = event.submitter;
      if (button?.name) form.append(hidden(button.name, button.value));
      form.submit();
    });
    document.addEventListener("visibilitychange", () => document.hidden && save(true));
    addEventListener("pagehide", () => save(true));
  }

  function hidden(name, value) {
    return Object.assign(document.createElement("input"), { type: "hidden", name, value });
  }

  document.querySelectorAll(".kept-form").forEach(watch);
  addEventListener("pageshow", (event) => event.persisted && location.reload());
})();
