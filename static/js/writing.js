// Keeps what is being written: in this browser at once, on the server within ten seconds and when the page is left.
// Without this script the form posts as usual. The page for no network (data-offline) uses the same.
(() => {
  const form = document.getElementById("writing");
  if (!form) return;
  const words = document.getElementById("writing-words").dataset;
  const line = document.getElementById("saved");
  const aloud = document.getElementById("saved-aloud");
  const readers = document.querySelector("#readers .who span");
  const { edition, entry } = form.elements;
  const isOffline = "offline" in form.dataset;
  const { choosing } = form.dataset; // two texts are on the page, and this one was written on that edition
  const person = document.body.dataset.person || localStorage.getItem("person");
  const here = location.pathname === form.dataset.offline ? "/skriv/" : location.pathname + location.search;
  const address = form.dataset.address || here; // a lesson has the form of a page of its own
  const key = () => `${person}/${entry.value}`;
  const LATEST = 10_000;
  const LEVELS = ["private", "group", "facilitator", "cohort"];
  const ago = new Intl.RelativeTimeFormat(document.documentElement.lang);
  let waiting = null;
  let keptAt = null;
  let stopped = false;
  let finishing = null; // how Done was pressed, while that waits for network

  const areas = () => [...form.querySelectorAll("textarea")];
  const texts = () => Object.fromEntries(areas().map((field) => [field.name, field.value]));
  let onServer = keptTexts.said(texts());

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

  // As tall as what is in it; `field-sizing` does the same where the browser knows it.
  function grow(field) {
    if (CSS.supports("field-sizing", "content")) return;
    if (field.scrollHeight > field.clientHeight) field.style.height = `${field.scrollHeight + 4}px`;
  }

  function written(button) {
    const fields = Object.fromEntries(new FormData(form, button));
    delete fields.csrfmiddlewaretoken;
    return choosing === undefined ? fields : { ...fields, edition: choosing };
  }

  function record(done = false, button = null) {
    const labels = Object.fromEntries(areas().map((field) => [field.name, field.labels[0].textContent.trim()]));
    return { key: key(), person, address, fields: written(button), labels, done, at: Date.now() };
  }

  const mirror = (text = record()) => keptTexts.keep(text);

  function refill(kept) {
    const names = Object.keys(kept.fields).filter((name) => name.startsWith("field-"));
    if (isOffline) makeFields(names, kept.labels);
    for (const name of names) {
      const [field, text] = [form.elements[name] || areas()[0], kept.fields[name]];
      if (field.name === name) field.value = text;
      else if (text.trim()) field.value = `${field.value}\n\n${text}`.trim();
      grow(field);
    }
  }

  // The page for no network has one field; a form of several has been seen in this browser before.
  function makeFields(names, labels) {
    for (const name of names) {
      const last = areas().at(-1);
      const field = name === names[0] ? last : copyBelow(last);
      Object.assign(field, { name, id: `id_${name}`, value: "" });
      const [label] = field.closest(".form-group").getElementsByTagName("label");
      Object.assign(label, { htmlFor: field.id, textContent: labels[name] });
    }
  }

  function copyBelow(field) {
    const group = field.closest(".form-group");
    const copy = group.cloneNode(true);
    copy.querySelector("#readers")?.remove();
    group.after(copy);
    return copy.querySelector("textarea");
  }

  // What this browser kept of this page and the server never got.
  async function restore() {
    const own = (await keptTexts.all()).filter((one) => one.person === person && one.address === address && !one.done);
    if ("received" in form.dataset) {
      await Promise.all(own.map((one) => keptTexts.forget(one.key)));
      return choosing === undefined ? null : mirror();
    }
    const latest = own.sort((one, other) => other.at - one.at)[0];
    if (!latest) return;
    if (keptTexts.said(latest.fields) === keptTexts.said(texts())) return keptTexts.forget(latest.key);
    for (const name of isOffline ? ["entry", "edition", "model"] : ["entry", "edition"]) {
      form.elements[name].value = latest.fields[name];
    }
    refill(latest);
    say(words.restored);
    later();
  }

  function later() {
    if (!waiting && !stopped) waiting = setTimeout(save, LATEST);
  }

  // The page's own, or, on the one for no network, that of whoever is signed in, if it is still the writer.
  async function token() {
    if (!isOffline) return form.elements.csrfmiddlewaretoken.value;
    const who = await keptTexts.writer();
    return who?.person === person ? who.token : null;
  }

  function send(done = false, button = null) {
    return keptTexts.alone(async () => {
      try {
        const own = await token();
        return own ? await keptTexts.send(record(done, button), own) : { became: "refused" };
      } catch {
        return { became: "later" };
      }
    });
  }

  async function save() {
    clearTimeout(waiting);
    waiting = null;
    if (stopped || choosing !== undefined || keptTexts.said(texts()) === onServer) return;
    if (finishing) return finish(finishing);
    const sent = keptTexts.said(texts());
    await mirror();
    tell(await send(), sent);
  }

  function tell(answer, sent) {
    if (answer.became === "kept") {
      if (answer.edition !== undefined) edition.value = answer.edition;
      onServer = sent;
      say(words.kept, true);
      keptAt = Date.now();
      return count();
    }
    if (answer.became === "elsewhere") stopped = true;
    say({ elsewhere: words.elsewhere, refused: words.signedOut }[answer.became] || words.offline);
    if (answer.became === "later") wait();
  }

  function wait() {
    later();
    navigator.serviceWorker?.ready.then((worker) => worker.sync?.register("texts")).catch(() => {});
  }

  // On the way out there is no time to wait for anything; what does not arrive is sent from the next page.
  function leave() {
    if (stopped || finishing || isOffline || choosing !== undefined || keptTexts.said(texts()) === onServer) return;
    const sent = keptTexts.said(texts());
    mirror({ ...record(), tried: sent });
    fetch(address, {
      method: "POST", body: new FormData(form), keepalive: true, credentials: "same-origin", redirect: "manual",
      headers: { "X-Requested-With": "autosave" },
    }).then(async (answer) => answer.ok && tell({ became: "kept", ...(await answer.json()) }, sent)).catch(() => {});
  }

  async function finish(how) {
    finishing = how;
    stopped = true;
    clearTimeout(waiting);
    waiting = null;
    await mirror(record(true, how.button));
    const answer = await send(true, how.button);
    if (answer.became === "saved") return location.assign(answer.entry);
    if (answer.edition !== undefined) edition.value = answer.edition;
    if (["unfinished", "elsewhere"].includes(answer.became)) { // the page says what is the matter
      return isOffline ? location.assign(answer.look || address) : form.submit();
    }
    stopped = false;
    say(answer.became === "refused" ? words.signedOut : words.offline);
    if (answer.became === "later") wait();
  }

  // Only with network, for then this browser forgets its text; until then nothing is written over.
  async function choose(button) {
    try {
      await keptTexts.writer();
      await keptTexts.forget(key());
    } catch {
      return say(words.offline);
    }
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name: button.name, value: button.value }));
    form.submit();
  }

  // The wider of what stands and what is chosen: never less than the truth before Done is pressed.
  function sayReaders() {
    const chosen = LEVELS.indexOf(form.elements.visibility.value);
    readers.textContent = words[LEVELS[Math.max(chosen, LEVELS.indexOf(form.elements.shown.value))]];
  }

  form.addEventListener("input", (event) => {
    if (event.target.name === "visibility") return sayReaders();
    grow(event.target);
    finishing = null;
    mirror();
    if (choosing !== undefined) return;
    if (keptAt === null && !stopped) say(isOffline ? words.offline : words.while, true);
    later();
  });
  form.addEventListener("focusout", save);
  form.addEventListener("submit", (event) => {
    if (isOffline) event.preventDefault();
    if (event.submitter?.name === "keep") {
      event.preventDefault();
      return choose(event.submitter);
    }
    if (event.submitter?.name === "switch" || stopped || !areas().some((field) => field.value.trim())) return;
    event.preventDefault();
    finish({ button: event.submitter });
  });
  addEventListener("online", save);
  addEventListener("pagehide", leave);
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  document.addEventListener("visibilitychange", () => document.hidden && leave());
  setInterval(count, 1000);
  if (!person) return document.getElementById("nobody").hidden = false;
  form.hidden = false;
  areas().forEach(grow);
  if (isOffline) entry.value = crypto.randomUUID();
  else document.getElementById("may-close").hidden = false;
  restore().catch(() => {});
})();
