// What was tapped and typed at a meeting on this phone (meeting.js) and the server has not got: of one person and one
// meeting. Every page sends it and, at signing out, turns what is left into drafts in its author's own log.
self.keptTaps = (() => {
  const keyOf = (person, address, name) => `meeting:${person}:${address}:${name}`;
  const keysOf = (person) => Object.keys(localStorage).filter((key) => key.startsWith(`meeting:${person}:`));
  const isAny = (person) => keysOf(person).length > 0;

  function read(key) {
    try {
      return JSON.parse(localStorage.getItem(key)) || [];
    } catch {
      return []; // storage may be forbidden; then a lost connection has to be waited out
    }
  }

  function write(key, list) {
    try {
      if (list.length === 0) localStorage.removeItem(key);
      else localStorage.setItem(key, JSON.stringify(list));
    } catch {
      // as above, or it is full
    }
  }

  // The server's answer. Rejects where it has not heard: no network, signed out, too many at once, out of order.
  async function send({ to, body, at }, person, token) {
    const said = new URLSearchParams(body);
    said.set("ago", Math.max(0, Math.round((Date.now() - at) / 1000)));
    said.set("writer", person);
    said.set("csrfmiddlewaretoken", token); // this sitting's own
    const answer = await fetch(to, {
      method: "POST", body: said, credentials: "same-origin",
      headers: { "X-Requested-With": "autosave" }, signal: keptTexts.inTime(),
    });
    const isHeard = ![401, 403, 429].includes(answer.status) && answer.status < 500;
    if (!isHeard) throw Object.assign(new Error(`${answer.status}`), { status: answer.status });
    return answer;
  }

  // A draft that nobody else reads.
  async function toOwnLog(person, text, at = Date.now(), name = null) {
    const entry = name || crypto.randomUUID();
    const fields = { entry, edition: 0, "field-text": text };
    const note = { key: `${person}/${entry}`, person, address: "/skriv/", labels: {}, done: false, at };
    if (text) await keptTexts.keep({ ...note, fields });
  }

  // In their order, each forgotten once the server has heard it; a line that it does not take becomes a draft.
  async function sendTaps(key, person, token) {
    for (let queue = read(key); queue.length > 0; queue = read(key)) {
      const answer = await send(queue[0], person, token);
      const said = new URLSearchParams(queue[0].body);
      if ([404, 422].includes(answer.status)) await toOwnLog(person, said.get("text"), queue[0].at, said.get("entry"));
      write(key, queue.slice(1));
    }
  }

  async function draftTexts(key, person) {
    for (const [, text] of read(key)) await toOwnLog(person, text);
    write(key, []);
  }

  // Before this browser forgets everything.
  async function sendAll(person, token) {
    for (const key of keysOf(person).filter((one) => one.endsWith(":taps"))) await sendTaps(key, person, token);
    for (const key of keysOf(person).filter((one) => one.endsWith(":texts"))) await draftTexts(key, person);
  }

  const keysOfAll = () => Object.keys(localStorage).filter((key) => key.startsWith("meeting:"));

  function forget() {
    for (const key of keysOfAll()) localStorage.removeItem(key);
  }

  // Whether who is signed in is in the meeting's group; undefined where the server has not said.
  async function isOfTheGroup(address) {
    const answer = await fetch(`${address}?member`, {
      credentials: "same-origin", redirect: "manual", cache: "no-store", signal: keptTexts.inTime(),
    }).catch(() => ({}));
    return { 204: true, 404: false }[answer.status];
  }

  // What was said around the table while somebody else's sitting ended is the group's: whoever is in it goes on with it,
  // and from anybody else it is taken away. Whether there is more here now.
  async function takeOver(person) {
    let isMore = false;
    for (const key of keysOfAll()) {
      const [, owner, address, name] = key.split(":");
      if (owner === person) continue;
      const isOurs = await isOfTheGroup(address);
      if (isOurs === undefined) continue;
      const own = keyOf(person, address, name);
      if (isOurs) write(own, joined(name, read(key), read(own)));
      localStorage.removeItem(key);
      isMore ||= isOurs;
    }
    return isMore;
  }

  function joined(name, theirs, own) {
    if (name === "taps") return [...theirs, ...own];
    const texts = new Map(theirs);
    for (const [field, text] of own) texts.set(field, [texts.get(field), text].filter(Boolean).join("\n"));
    return [...texts];
  }

  // The page of a meeting that another phone has ended: what waits here is said, and what was not pressed is a draft.
  async function finish(person) {
    const isRecord = document.querySelector("#meeting:not([data-edition])");
    const [taps, texts] = ["taps", "texts"].map((name) => keyOf(person, location.pathname, name));
    if (!isRecord || read(taps).length + read(texts).length === 0) return;
    const who = await keptTexts.writer();
    if (who?.person !== person) return;
    await sendTaps(taps, person, who.token);
    await draftTexts(texts, person);
    location.reload();
  }

  const { person: here } = document.body.dataset;
  const ready = takeOver(here).catch(() => false);
  ready.then(() => finish(here)).catch(() => {});

  return { forget, isAny, keyOf, read, ready, send, sendAll, toOwnLog, write };
})();
