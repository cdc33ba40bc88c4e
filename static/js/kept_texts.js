// What this browser keeps of somebody's writing until the server has it: one record a text, bound to its author.
// Pages and the service worker share it. Where there is no IndexedDB nothing is kept here; the server gets the text.
self.keptTexts = (() => {
  const LONGEST = 10_000;
  let opened = null;

  // For fetch: a network that hangs is none, and neither this page nor another one's turn waits for it.
  const inTime = () => AbortSignal.timeout?.(LONGEST);

  const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

  function database() {
    opened ||= new Promise((resolve, reject) => {
      const asked = indexedDB.open("texts", 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore("texts", { keyPath: "key" });
      asked.onerror = () => reject(asked.error);
      asked.onsuccess = () => {
        asked.result.onclose = () => { opened = null; };
        asked.result.onversionchange = () => { asked.result.close(); opened = null; };
        resolve(asked.result);
      };
    });
    return opened;
  }

  const store = async (mode) => (await database()).transaction("texts", mode).objectStore("texts");

  // `edit` gets the record or undefined; what it returns is kept, and null forgets it.
  async function change(key, edit) {
    const texts = await store("readwrite");
    const next = edit(await done(texts.get(key)));
    await done(next ? texts.put({ ...next, key }) : texts.delete(key));
  }

  // One after the other, and never in the way: storage may be full or forbidden, and the server still gets the text.
  // Whether it is kept here now.
  let writes = Promise.resolve();
  function keep(text) {
    writes = writes.then(() => change(text.key, (kept) => ({ ...kept, ...text }))).then(() => true, () => false);
    return writes;
  }

  const all = async () => done((await store("readonly")).getAll());
  const get = async (key) => done((await store("readonly")).get(key));
  const forget = (key) => change(key, () => null);
  const clear = async () => done((await store("readwrite")).clear());

  // The server tidies what it keeps, so the two are compared as it would keep them.
  const tidy = (text) => text.normalize("NFC").replace(/\r\n?/g, "\n").trim();
  const texts = (fields) => Object.entries(fields).filter(([name, text]) => name.startsWith("field-") && text.trim());
  const said = (fields) => JSON.stringify(texts(fields).map(([name, text]) => [name, tidy(text)]).sort());

  // Where a form's text goes: a page may have the form of another one.
  function addressOf(form) {
    const { pathname, search } = new URL(form.dataset.address || form.action, location);
    return pathname + search;
  }

  // What is for others to read lies here until its button is pressed.
  const rests = (record) => Boolean(record.untilPressed && !record.done);

  // Who is signed in now, and with which token: a text is only ever sent by the one who wrote it. null: nobody.
  async function writer() {
    const answer = await fetch("/skriv/hvem/", {
      credentials: "same-origin", redirect: "manual", cache: "no-store", signal: inTime(),
    });
    return answer.ok ? answer.json() : null;
  }

  function form(record, token, options) {
    const body = new FormData();
    for (const [name, value] of Object.entries(record.fields)) body.set(name, value);
    body.set("csrfmiddlewaretoken", token);
    body.set("writer", record.person);
    if (record.done) {
      body.set("done", "1");
      body.set("ago", Math.max(0, Math.round((Date.now() - record.at) / 1000))); // how long it has waited
    }
    if (options.leaving) body.set("aside", "1");
    return body;
  }

  const note = (key, edit) => change(key, (kept) => kept && edit(kept)).catch(() => {});

  // Sends one text. What became of it: saved (Done), kept, unfinished (Done, but something is in the way),
  // elsewhere (another device wrote since), refused (signed out, or not the author), later (no network).
  async function send(record, token, options = {}) {
    const before = (await get(record.key).catch(() => null))?.tried;
    await note(record.key, (kept) => ({ ...kept, tried: said(record.fields) }));
    try {
      const answer = await fetch(record.address, {
        method: "POST", body: form(record, token, options), credentials: "same-origin", redirect: "manual",
        headers: { "X-Requested-With": "autosave" }, signal: inTime(),
      });
      const isJson = /json/.test(answer.headers.get("Content-Type") || "");
      if (answer.status === 409 && isJson) return await compared(record, before, await answer.json(), token, options);
      if ([404, 410].includes(answer.status)) return await asNote(record, token, options);
      if (answer.status === 403 && !options.renewed) return await anew(record, options);
      return await heard(record, answer); // an answer that is none of ours stands in no other text's way
    } catch {
      return { became: "later" };
    }
  }

  // Whoever signs in again in another window has another token than this page.
  async function anew(record, options) {
    const who = await writer();
    return who?.person === record.person ? send(record, who.token, { ...options, renewed: true }) : { became: "refused" };
  }

  // Another text stands there: somebody's other device, or ourselves, where the answer was lost on its way to us.
  async function compared(record, before, { edition, texts: there }, token, options) {
    const isOurOwn = [before, said(record.fields)].includes(said(there));
    if (!isOurOwn || options.again) {
      await note(record.key, (kept) => ({ ...kept, done: false }));
      return { became: "elsewhere" };
    }
    const next = { ...record, fields: { ...record.fields, edition } };
    await note(record.key, (kept) => ({ ...kept, fields: { ...kept.fields, edition } }));
    return send(next, token, { ...options, again: true });
  }

  // Its place is gone, thrown away on another device maybe. What was written becomes a draft in its author's log.
  async function asNote(record, token, options) {
    const entry = crypto.randomUUID();
    const words = Object.keys(record.labels || {}).map((name) => record.fields[name]).filter((text) => text?.trim());
    const fields = { entry, edition: 0, "field-text": words.join("\n\n") };
    const note = { person: record.person, labels: {}, done: false, at: record.at, key: `${record.person}/${entry}` };
    await forget(record.key);
    if (!words.length || record.address === "/skriv/") return { became: "kept" };
    await keep({ ...note, address: "/skriv/", fields });
    return send({ ...note, address: "/skriv/", fields }, token, options);
  }

  async function heard(record, answer) {
    if ([400, 409, 422].includes(answer.status)) {
      await note(record.key, (kept) => ({ ...kept, done: false, stuck: true })); // until somebody has looked at it
      return { became: "unfinished" };
    }
    if (!answer.ok) return { became: answer.status >= 500 ? "later" : "refused" };
    const { edition, entry, look } = await answer.json();
    const isAllOfIt = (kept) => said(kept.fields) === said(record.fields) && kept.done === record.done;
    await note(record.key, (kept) => isAllOfIt(kept) ? null : { ...kept, fields: { ...kept.fields, edition } });
    return { became: entry ? "saved" : record.done ? "unfinished" : "kept", edition, entry, look };
  }

  // One sender at a time, of all pages and the worker.
  const alone = (act) => self.navigator.locks ? self.navigator.locks.request("texts", act) : act();

  // Another sender may have been faster.
  async function sendAgain(key, token, options) {
    const record = await get(key);
    return record ? send(record, token, options) : { became: "kept" };
  }

  // Before this browser forgets everything: what the server did not take becomes a draft in its author's log.
  async function sendLast(key, token) {
    const record = await get(key);
    const answer = record && rests(record) ? {} : await sendAgain(key, token, { leaving: true });
    const left = await get(key);
    const isOfAForm = left?.place !== undefined; // the page for all writing has a history of its own
    return isOfAForm && answer.became !== "later" ? asNote(left, token, {}) : answer;
  }

  // Sends what waits, of the one who is signed in. Rejects without network. [record, what became of it] for each.
  async function sendAll({ but = () => false, leaving = false } = {}) {
    await writes; // the last letters may still be on their way
    const waiting = (await all()).filter((record) => !but(record) && (leaving || !rests(record)));
    if (!waiting.length) return [];
    const who = await writer();
    const outcomes = [];
    for (const record of waiting.filter((one) => one.person === who?.person)) {
      outcomes.push([record, await alone(() => (leaving ? sendLast : sendAgain)(record.key, who.token, {}))]);
    }
    return outcomes;
  }

  return { addressOf, all, alone, clear, forget, inTime, keep, rests, said, send, sendAll, writer };
})();
