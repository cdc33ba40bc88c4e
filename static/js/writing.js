// Keeps what is being written: in this browser at once, on the server within ten seconds and when the page is left.
// Without this script the form posts as usual.
(() => {
  const form = document.getElementById("writing");
  if (!form) return;
  const words = document.getElementById("writing-words").dataset;
  const line = document.getElementById("saved");
  const aloud = document.getElementById("saved-aloud");
  const readers = document.querySelector("#readers .who span");
  const edition = form.elements.edition;
  const fields = [...form.querySelectorAll("textarea")];
  const key = `writing:${form.dataset.keptAs}`;
  const LATEST = 10_000;
  const LEVELS = ["private", "group", "facilitator", "cohort"];
  const ago = new Intl.RelativeTimeFormat(document.documentElement.lang);
  let waiting = null;
  let keptAt = null;
  let stopped = false;
  let sending = Promise.resolve();

  const texts = () => Object.fromEntries(fields.map((field) => [field.name, field.value]));
  let onServer = JSON.stringify(texts());

  // Shown, and said once; the seconds that pass after “kept” are shown only.
  function say(text, isGood = false) {
    line.hidden = false;
    line.classList.toggle("good", isGood);
    line.querySelector("span").textContent = text;
    if (aloud.textContent !== text) aloud.textContent = text;
    if (!isGood) keptAt = null;
  }

  function count() {
    if (keptAt === null) return;
    const seconds = Math.max(1, Math.round((Date.now() - keptAt) / 1000));
    const since = seconds < 60 ? ago.format(-seconds, "second") : ago.format(-Math.floor(seconds / 60), "minute");
    line.querySelector("span").textContent = `${words.kept} ${since}`;
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

  function mirrored() {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  }

  // What this browser kept and the server never got; text of a field that is not on the page goes into the first.
  function restore() {
    const kept = mirrored();
    if (!kept || kept === JSON.stringify(texts())) return;
    for (const [name, lost] of Object.entries(JSON.parse(kept))) {
      const field = fields.find((one) => one.name === name) || fields[0];
      if (!lost.trim() || field.value.includes(lost.trim())) continue;
      field.value = lost.includes(field.value) ? lost : `${field.value}\n\n${lost}`;
    }
    if (JSON.stringify(texts()) === onServer) return forget();
    mirror();
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
    try {
      const answer = await fetch(form.action, {
        method: "POST", body: new FormData(form), keepalive, credentials: "same-origin",
        headers: { "X-Requested-With": "autosave" },
      });
      if (answer.ok) {
        edition.value = (await answer.json()).edition;
        onServer = sent;
        if (sent === JSON.stringify(texts())) forget();
        say(words.kept, true);
        keptAt = Date.now();
        count();
      } else if (answer.status === 409) {
        stopped = true;
        say(words.elsewhere);
      } else {
        say([401, 403].includes(answer.status) ? words.signedOut : words.offline);
      }
    } catch {
      say(words.offline);
      later();
    }
  }

  // The wider of what stands and what is chosen: never less than the truth before Done is pressed.
  function sayReaders() {
    const chosen = LEVELS.indexOf(form.elements.visibility.value);
    readers.textContent = words[LEVELS[Math.max(chosen, LEVELS.indexOf(form.elements.shown.value))]];
  }

  form.addEventListener("input", (event) => {
    if (event.target.name === "visibility") return sayReaders();
    mirror();
    if (keptAt === null && !stopped) say(words.while, true);
    later();
  });
  form.addEventListener("focusout", save);
  form.addEventListener("submit", () => {
    stopped = true;
    clearTimeout(waiting);
    mirror();
    sessionStorage.setItem("writing-sent", key); // the entry's page forgets the copy once it has arrived
  });
  addEventListener("online", save);
  addEventListener("pagehide", () => save(true));
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  document.addEventListener("visibilitychange", () => document.hidden && save(true));
  setInterval(count, 1000);
  document.getElementById("may-close").hidden = false;
  sessionStorage.removeItem("writing-sent");
  restore();
})();
