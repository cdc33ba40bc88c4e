// Keeps what is being written: in this browser at once, on the server within ten seconds and when the page is left.
// Without this script the form posts as usual.
(() => {
  const form = document.getElementById("writing");
  if (!form) return;
  const words = document.getElementById("writing-words").dataset;
  const line = document.getElementById("saved");
  const edition = form.elements.edition;
  const fields = [...form.querySelectorAll("textarea")];
  const key = `writing:${form.dataset.keptAs}`;
  const LATEST = 10_000;
  let waiting = null;
  let keptAt = null;
  let stopped = false;
  let sending = Promise.resolve();

  const texts = () => Object.fromEntries(fields.map((field) => [field.name, field.value]));
  let onServer = JSON.stringify(texts());

  function say(text) {
    line.hidden = false;
    if (line.textContent !== text) line.textContent = text;
  }

  function mirror() {
    try {
      localStorage.setItem(key, JSON.stringify(texts()));
    } catch {
      // Storage may be full or forbidden; the server still gets the text.
    }
  }

  function forget() {
    try {
      localStorage.removeItem(key);
    } catch {
      // Nothing was kept, so there is nothing to forget.
    }
  }

  function restore() {
    let kept = null;
    try {
      kept = localStorage.getItem(key);
    } catch {
      return;
    }
    if (!kept || kept === JSON.stringify(texts())) return;
    const earlier = JSON.parse(kept);
    for (const field of fields) {
      const lost = earlier[field.name];
      if (!lost || field.value.includes(lost)) continue;
      field.value = lost.includes(field.value) ? lost : `${field.value}\n\n${lost}`;
    }
    say(words.restored);
    later();
  }

  function later() {
    if (!waiting && !stopped) waiting = setTimeout(save, LATEST);
  }

  function save(keepalive = false) {
    clearTimeout(waiting);
    waiting = null;
    if (stopped || JSON.stringify(texts()) === onServer) return;
    // One after the other: each answer carries the edition that the next one needs.
    sending = sending.then(() => send(keepalive === true));
  }

  async function send(keepalive) {
    const sent = JSON.stringify(texts());
    const body = new FormData(form);
    try {
      const answer = await fetch(form.action || location.href, {
        method: "POST", body, keepalive, credentials: "same-origin", headers: { "X-Requested-With": "autosave" },
      });
      if (answer.ok) {
        edition.value = (await answer.json()).edition;
        onServer = sent;
        keptAt = Date.now();
        if (sent === JSON.stringify(texts())) forget();
        say(words.now);
      } else if (answer.status === 409) {
        stopped = true;
        say(words.elsewhere);
      } else {
        say(answer.status === 401 || answer.status === 403 ? words.signedOut : words.offline);
      }
    } catch {
      say(words.offline);
      later();
    }
  }

  form.addEventListener("input", () => {
    mirror();
    if (!keptAt) say(words.while);
    later();
  });
  form.addEventListener("focusout", save);
  form.addEventListener("submit", () => {
    stopped = true;
    clearTimeout(waiting);
    sessionStorage.setItem("writing-sent", key); // the entry's page forgets the copy once it has arrived
  });
  addEventListener("online", save);
  addEventListener("pagehide", () => save(true));
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
  document.addEventListener("visibilitychange", () => document.hidden && save(true));
  sessionStorage.removeItem("writing-sent");
  restore();
})();
