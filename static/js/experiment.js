// Keeps a step: in this browser at once, on the server while it is written. Without this script the button does it.
(() => {
  const LATEST = 5_000;
  const { person } = document.body.dataset;
  const address = location.pathname + location.search;

  function watch(form, place) {
    const { entry, csrfmiddlewaretoken: token } = form.elements;
    const editions = () => document.querySelectorAll('.kept-form input[name="edition"]');
    const line = form.querySelector(".kept-line");
    const areas = [...form.querySelectorAll("textarea")];
    const labels = Object.fromEntries(areas.map((field) => [field.name, field.labels[0].textContent.trim()]));
    let timer = null;
    let stopped = false; // another device has written since, or the page is being left
    let pressed = false;
    let waiting = null; // how the button was pressed, while that waits for network
    let sending = Promise.resolve();

    function written(button) {
      const fields = Object.fromEntries(new FormData(form, button));
      delete fields.csrfmiddlewaretoken;
      return fields;
    }

    const said = () => keptTexts.said(written());
    let onServer = said();

    function record(done = false, button = null) {
      const key = `${person}/${entry ? entry.value : address}/${place}`;
      return { key, person, address, place, labels, fields: written(button), done, at: Date.now() };
    }

    function say(words, isGood = false) {
      line.textContent = line.dataset[words];
      line.classList.toggle("good", isGood);
    }

    // One after the other: each answer carries the edition that the next one needs.
    function send(done = false, button = null) {
      sending = sending.then(async () => {
        if (stopped || (!done && said() === onServer)) return { became: "kept" };
        const [text, sent] = [record(done, button), said()];
        await keptTexts.keep(text);
        const answer = await keptTexts.alone(() => keptTexts.send(text, token.value)).catch(() => ({ became: "later" }));
        return heard(answer, sent);
      });
      return sending;
    }

    function heard(answer, sent) {
      // Two forms of one page may be about the same.
      if (answer.edition !== undefined) editions().forEach((field) => { field.value = answer.edition; });
      if (["kept", "unfinished"].includes(answer.became)) onServer = sent;
      if (answer.became === "kept") say("kept", true);
      if (answer.became === "elsewhere") stopped = true;
      const words = { elsewhere: "elsewhere", refused: "out", later: "offline" }[answer.became];
      if (words) say(words);
      if (answer.became === "later") wait();
      return answer;
    }

    function wait() {
      later();
      navigator.serviceWorker?.ready.then((worker) => worker.sync?.register("texts")).catch(() => {});
    }

    function save() {
      clearTimeout(timer);
      timer = null;
      if (waiting && !pressed) return press(waiting.button);
      return pressed ? sending : send();
    }

    function later() {
      timer ||= setTimeout(save, LATEST);
    }

    // On the way out there is no time to wait for anything; what does not arrive is sent from the next page.
    function leave() {
      if (stopped || pressed || said() === onServer) return;
      const text = record();
      keptTexts.keep({ ...text, tried: said() });
      const headers = { "X-Requested-With": "autosave" };
      fetch(address, { method: "POST", body: new FormData(form), keepalive: true, credentials: "same-origin", headers })
        .then(async (answer) => answer.ok && heard({ became: "kept", ...(await answer.json()) }, keptTexts.said(text.fields)))
        .catch(() => {});
    }

    // What this browser kept of this form and the server never got.
    async function restore() {
      const own = (await keptTexts.all()).filter((one) => one.person === person && one.address === address);
      const mine = own.filter((one) => one.place === place && !one.done).sort((one, other) => other.at - one.at);
      if (!mine.length || "received" in form.dataset || keptTexts.said(mine[0].fields) === onServer) {
        return Promise.all(mine.map((one) => keptTexts.forget(one.key)));
      }
      for (const [name, text] of Object.entries(mine[0].fields)) {
        if (text && form.elements[name]) form.elements[name].value = text;
      }
      say("restored");
      later();
    }

    // What was seen can be carried out later; everything else needs a person who sees what becomes of it.
    async function press(button) {
      const waits = "waits" in form.dataset;
      pressed = true;
      clearTimeout(timer);
      timer = null;
      const answer = await (waits ? send(true, button) : send());
      if (answer.became === "saved") return leaveFor(answer.entry);
      if (answer.became === "later") say(waits ? "offline" : "press");
      waiting = waits && answer.became === "later" ? { button } : null;
      pressed = ["kept", "unfinished", "elsewhere"].includes(answer.became);
      stopped ||= pressed;
      if (pressed) submit(button);
    }

    function leaveFor(place) {
      stopped = true;
      location.assign(place);
    }

    function submit(button) {
      if (button?.name) form.append(hidden(button.name, button.value));
      form.submit();
    }

    form.addEventListener("input", () => {
      waiting = null;
      keptTexts.keep(record());
      later();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!pressed) press(event.submitter);
    });
    addEventListener("online", save);
    document.addEventListener("visibilitychange", () => document.hidden && leave());
    addEventListener("pagehide", leave);
    restore().catch(() => {});
  }

  function hidden(name, value) {
    return Object.assign(document.createElement("input"), { type: "hidden", name, value });
  }

  document.querySelectorAll(".kept-form").forEach(watch);
  addEventListener("pageshow", (event) => event.persisted && location.reload());
})();
