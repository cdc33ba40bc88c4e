// One phone on the table: the clock goes, the screen stays lit, a tap counts once, and what is tapped or typed without
// a connection is kept here and sent when it is back. Without this script the page shows the clock time and posts.
(() => {
  const SLOW = 15_000;
  let table = document.getElementById("meeting");
  if (!table?.dataset.ends) return;
  const address = location.pathname;
  const { person } = document.body.dataset;
  const ahead = () => [...table.querySelectorAll(".ahead li")];
  const reachable = () => [...table.querySelectorAll("a, button, summary, select, textarea")];
  const aloud = document.body.appendChild(document.createElement("p")); // outlives the pages that take each other's place
  Object.assign(aloud, { className: "visually-hidden", role: "status" });
  let skew, ends, whole, pausedLeft;
  let sending = true; // until it is clear what lies here
  let again = false; // there is network again, said while the last one without it was still failing

  const taps = keptTaps.keyOf(person, address, "taps");
  const typed = keptTaps.keyOf(person, address, "texts");
  let queue = keptTaps.read(taps);
  let texts = new Map(keptTaps.read(typed)); // typed and not pressed, by field; each member has a field of their own
  let problem = null; // why a line was refused, while later taps are still being sent
  let unseen = []; // pressed, and nothing on the page says so yet
  let isOver = false;

  // --- The clock: the server's, whatever this phone believes ---
  function read() {
    const { ends: at, now, whole: seconds } = table.dataset;
    skew = now * 1000 - Date.now();
    ends = at * 1000;
    whole = seconds * 1000;
    pausedLeft = "paused" in table.dataset ? ends - now * 1000 : null;
  }

  function tick() {
    const dial = table.querySelector(".left");
    if (!dial) return;
    const left = Math.max(0, pausedLeft ?? ends - (Date.now() + skew));
    const seconds = Math.ceil(left / 1000);
    dial.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    table.querySelector(".dial-left").setAttribute("stroke-dasharray", `${Math.min(100, (100 * left) / whole)} 100`);
    table.querySelector(".time-up").hidden = left > 0;
  }

  // --- Taps: one after the other, each once ---
  function tapped(event) {
    const form = event.target.closest("form[data-tap]");
    if (!form) return;
    event.preventDefault();
    if (form.dataset.sent) return;
    form.dataset.sent = "yes";
    unseen.push([press(form, event.submitter), form]);
    flush();
  }

  // What is pressed waits in the queue, and is not unpressed any more.
  function press(form, submitter) {
    const body = new URLSearchParams(new FormData(form, submitter)).toString();
    const tap = { to: form.action, body, at: Date.now() };
    queue.push(tap);
    keptTaps.write(taps, queue);
    const field = form.querySelector("textarea");
    if (field) remember(field.id, "");
    return tap;
  }

  async function flush() {
    if (sending || queue.length === 0) return;
    sending = true;
    try {
      while (queue.length > 0) await send(queue[0]);
    } catch {
      offline();
    } finally {
      sending = false;
    }
    if (again) look();
  }

  async function send(tap) {
    const answer = await keptTaps.send(tap, person, table.querySelector("[name=csrfmiddlewaretoken]").value).catch(unheard);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const isSaid = tap.body.includes("text=");
    if (isSaid && [404, 422].includes(answer.status)) await refused(tap, answer.status === 422 && fresh);
    queue.shift();
    keptTaps.write(taps, queue);
    if (queue.length === 0) await show(fresh, answer.ok);
    aloud.textContent = answer.ok && isSaid ? table.dataset.kept : "";
  }

  function unheard(error) {
    if ([401, 403].includes(error.status)) table.querySelector(".signed-out").hidden = false;
    throw error;
  }

  // A refused line goes back to where it was typed, and before anything typed there since.
  async function refused(tap, fresh) {
    const said = new URLSearchParams(tap.body);
    const field = said.get("do") === "note" ? "note" : `commitment-${said.get("of")}`;
    const isOn = fresh && fresh.getElementById("meeting")?.dataset.edition;
    if (!isOn) return keptTaps.toOwnLog(person, said.get("text"), tap.at, said.get("entry"));
    problem = fresh.querySelector("#meeting > .alert-error");
    remember(field, [said.get("text"), texts.get(field)].filter(Boolean).join("\n"));
  }

  // --- Another page from the server takes this one's place; what is being typed stays ---
  async function show(fresh, isDone) {
    const next = fresh.getElementById("meeting");
    if (!next?.dataset.ends) return leave(fresh, next, isDone);
    if (problem && !next.querySelector(":scope > .alert-error")) next.querySelector("h1").before(document.adoptNode(problem));
    problem = null;
    unseen = [];
    const said = fresh.querySelector("main > .alert");
    const opened = [...table.querySelectorAll("details")].map((one) => one.open);
    const place = reachable().indexOf(document.activeElement);
    document.querySelectorAll("main > .alert").forEach((one) => one.remove());
    const isElsewhere = next.dataset.edition !== table.dataset.edition;
    table.replaceWith(document.adoptNode(next));
    table = document.getElementById("meeting");
    if (said) table.before(document.adoptNode(said));
    if (!isElsewhere) {
      table.querySelectorAll("details").forEach((one, number) => (one.open = opened[number]));
      reachable()[place]?.focus({ preventScroll: true });
    }
    read();
    tick();
    await retype();
    if (isElsewhere) {
      scrollTo(0, 0);
      table.querySelector("h1").tabIndex = -1;
      table.querySelector("h1").focus({ preventScroll: true });
    }
  }

  // The meeting is over, moved, or not ours any more. What was typed and not pressed is said before it is left: as the
  // promise of whoever it was typed for, while the server takes it, and otherwise in one's own log.
  async function leave(fresh, next, isDone) {
    const goesOn = isDone && (!next || next.dataset.edition); // after signing in, or at another time
    for (const [field, text] of goesOn ? [] : texts) await saidAtLast(field, text, isDone);
    if (queue.length > 0) return;
    if (!next && isDone && texts.size > 0) return (table.querySelector(".signed-out").hidden = false);
    if (isDone) return location.reload();
    isOver = true;
    document.getElementById("main").replaceWith(document.adoptNode(fresh.getElementById("main")));
    scrollTo(0, 0);
  }

  async function saidAtLast(id, text, isTaken) {
    const field = isTaken && table.querySelector(`[id="${id}"]`);
    if (!field) await keptTaps.toOwnLog(person, text);
    else {
      field.value = text;
      press(field.form);
    }
    remember(id, "");
  }

  function remember(field, text) {
    if (text.trim()) texts.set(field, text);
    else texts.delete(field);
    keptTaps.write(typed, [...texts]);
  }

  // A field with words in it stays in sight until they are kept, whatever step it is.
  async function retype() {
    for (const [id, text] of [...texts]) {
      const field = document.getElementById(id);
      if (!field) {
        await keptTaps.toOwnLog(person, text);
        remember(id, "");
        continue;
      }
      field.value = text;
      field.form.hidden = false;
      field.closest("details")?.setAttribute("open", "");
    }
  }

  // --- No connection: say so, and go on by ourselves, forwards only: nothing else could be shown here ---
  function apart(isApart) {
    table.querySelector(".offline").hidden = !isApart || !table.querySelector(".signed-out").hidden;
    for (const button of table.querySelectorAll("button[name=do]")) {
      if (!["next", "more", "end"].includes(button.value)) button.disabled = isApart;
    }
  }

  function offline() {
    apart(true);
    for (const [tap, form] of unseen.splice(0)) goOn(tap, form);
  }

  function goOn(tap, form) {
    delete form.dataset.sent;
    const what = new URLSearchParams(tap.body).get("do");
    if (["back", "pause", "resume", "presenter", "keeper"].includes(what)) return takeBack(tap);
    if (what === "next") advance();
    if (what === "more") ends += 300_000;
    if (["next", "more"].includes(what)) nextEdition();
    if (form.dataset.text !== undefined) form.querySelector("textarea").value = "";
  }

  function takeBack(tap) {
    queue = queue.filter((one) => one !== tap);
    keptTaps.write(taps, queue);
  }

  function nextEdition() {
    for (const field of table.querySelectorAll("input[name=edition]")) field.value = Number(field.value) + 1;
  }

  function advance() {
    const [gone, now] = ahead();
    if (!now) return;
    gone.remove();
    whole = now.dataset.minutes * 60_000;
    ends = Date.now() + skew + whole;
    pausedLeft = null;
    table.querySelector("h1").textContent = now.textContent;
    table.querySelector(".step-rule").textContent = now.dataset.rule;
    table.querySelector(".step-turn").textContent = now.dataset.turn;
    const until = table.querySelector(".until");
    const clock = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
    until.textContent = until.textContent.replace(/\d\d.\d\d/, clock.format(ends - skew));
    table.querySelectorAll(".of-this-step").forEach((one) => one.remove());
    present(now.dataset);
    const go = table.querySelector(".go .button-primary");
    if (now.dataset.next) go.textContent = now.dataset.next;
    else go.hidden = true;
    tick();
  }

  // Whose turn it is, and whose promise is asked for; their question is not on this phone.
  function present({ presenter, asks }) {
    const bar = table.querySelector(".presenter");
    bar.hidden = !presenter;
    bar.querySelector("p").textContent = presenter;
    bar.querySelector(".ask")?.remove();
    for (const form of table.querySelectorAll(".promise")) {
      const field = form.querySelector("textarea");
      form.hidden = field.id !== asks && !field.value.trim();
    }
  }

  // --- Another phone may have tapped ---
  async function look() {
    again = sending;
    if (document.hidden || sending || isOver) return;
    if (queue.length > 0) return flush();
    if (document.activeElement.matches("#meeting textarea") && document.activeElement.value.trim()) return;
    try {
      const where = `${address}?known=${table.dataset.edition}`;
      const answer = await fetch(where, { credentials: "same-origin", signal: keptTexts.inTime() });
      if (answer.ok) apart(false);
      if (answer.status === 200) await show(new DOMParser().parseFromString(await answer.text(), "text/html"), true);
    } catch {
      apart(true);
    }
    flush(); // what was typed here while another phone ended the meeting
  }

  // Somebody else of the group may have been signed in here before.
  function begin(isMore) {
    if (isMore) {
      [queue, texts] = [keptTaps.read(taps), new Map(keptTaps.read(typed))];
      retype();
    }
    sending = false;
    flush();
  }

  async function stayLit() {
    try {
      if (!document.hidden) await navigator.wakeLock?.request("screen");
    } catch {
      // A phone that saves power may say no; then somebody touches it now and then.
    }
  }

  document.addEventListener("submit", tapped);
  document.addEventListener("input", (event) => event.target.matches("#meeting textarea") && remember(event.target.id, event.target.value));
  document.addEventListener("visibilitychange", () => (stayLit(), look()));
  addEventListener("online", look);
  setInterval(tick, 500);
  setInterval(look, SLOW);
  read();
  tick();
  retype();
  stayLit();
  keptTaps.ready.then(begin);
})();
