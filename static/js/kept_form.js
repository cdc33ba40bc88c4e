// Keeps a form: in this browser at once, on the server while it is written. Without this script the button does it.
// Some are for others to read (data-until-pressed), and some have to be chosen from two (data-choosing): those stay here
// until their button is pressed.
(() => {
  const LATEST = 5_000;
  const { person } = document.body.dataset;

  function watch(form, place) {
    const { entry, csrfmiddlewaretoken: token } = form.elements;
    const { choosing } = form.dataset; // the edition this text was written on, before another device wrote
    const untilPressed = "untilPressed" in form.dataset;
    const staysHere = untilPressed || choosing !== undefined;
    const address = keptTexts.addressOf(form);
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
      return choosing === undefined ? fields : { ...fields, edition: choosing };
    }

    const said = () => keptTexts.said(written());
    let onServer = said();

    const key = () => `${person}/${entry ? entry.value : address}/${place}`;

    function record(done = false, button = null) {
      const text = { key: key(), person, address, place, labels, fields: written(button), done, at: Date.now() };
      return untilPressed ? { ...text, untilPressed, stuck: false } : text;
    }

    function say(words, isGood = false) {
      line.textContent = words && line.dataset[words];
      line.classList.toggle("good", isGood);
    }

    async function keepHere() {
      if (untilPressed && !areas.some((field) => field.value.trim())) {
        await keptTexts.forget(key());
        return say("");
      }
      if (await keptTexts.keep(record())) say(choosing === undefined ? "here" : "choose", true);
    }

    // One after the other: each answer carries the edition that the next one needs.
    function send(done = false, button = null) {
      sending = sending.then(async () => {
        if (stopped || (!done && (staysHere || said() === onServer))) return { became: "kept" };
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
      return pressed || staysHere ? sending : send();
    }

    function later() {
      timer ||= setTimeout(save, LATEST);
    }

    // On the way out there is no time to wait for anything; what does not arrive is sent from the next page.
    function leave() {
      if (stopped || pressed || staysHere || said() === onServer) return;
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
      const isReceived = "received" in form.dataset;
      if (!mine.length || isReceived || keptTexts.said(mine[0].fields) === onServer) {
        await Promise.all(mine.map((one) => keptTexts.forget(one.key)));
        return isReceived && staysHere ? keepHere() : null; // the server has shown it, and not kept it
      }
      for (const [name, text] of Object.entries(mine[0].fields)) {
        if (text && form.elements[name]) form.elements[name].value = text;
      }
      form.hidden = false;
      say(untilPressed ? "here" : "restored", untilPressed);
      later();
    }

    // What is for oneself alone, or is sent as it stands, can be carried out later; everything else needs a person who
    // sees what becomes of it.
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

    // Which of two texts counts, or that what stands already does: only with network, for then this one is forgotten.
    async function choose(button) {
      pressed = true;
      try {
        await keptTexts.writer();
        await keptTexts.forget(key());
        submit(button);
      } catch {
        pressed = false;
        say("press");
      }
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
      if (staysHere) return keepHere();
      keptTexts.keep(record());
      if (!navigator.onLine) say("offline");
      later();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const isChoice = choosing !== undefined || event.submitter?.name === "keep";
      if (!pressed) (isChoice ? choose : press)(event.submitter);
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
