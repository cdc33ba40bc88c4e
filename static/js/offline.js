// Sends what was written without network as soon as there is one, says so on whatever page is open, and prepares the
// browser for the next time.
(() => {
  const notice = document.getElementById("on-phone");
  const written = [...document.querySelectorAll("#writing, .kept-form")].map(keptTexts.addressOf);
  const isWrittenHere = (text) => written.includes(text.address) && !text.done;

  const placeOf = ([text, answer]) => answer.entry || (text.address.startsWith("/skriv/") ? "/logbog/" : text.address);

  function show(words, address = "") {
    notice.hidden = false;
    notice.querySelector("span").textContent = words;
    const link = notice.querySelector("a");
    link.hidden = !address;
    if (address) link.href = address;
  }

  const isOfThisPage = (text) => text.address === location.pathname;
  const standsIn = document.querySelector("#writing[data-offline]"); // for a page that could not be fetched
  let waitedHere = false;

  async function sendAll() {
    const elsewhere = (await keptTexts.all()).filter((text) => !isWrittenHere(text));
    if (waitedHere && !elsewhere.some(isOfThisPage)) return location.reload(); // the worker was faster
    waitedHere = standsIn && elsewhere.some(isOfThisPage);
    const unseen = elsewhere.find((text) => text.stuck && keptTexts.rests(text));
    if (unseen) show(notice.dataset.stuck, unseen.address);
    if (elsewhere.every(keptTexts.rests)) return;
    show(notice.dataset.waiting);
    const outcomes = await keptTexts.sendAll({ but: isWrittenHere });
    const here = outcomes.find(([text, answer]) => isOfThisPage(text) && answer.entry);
    if (here) return location.assign(here[1].entry);
    if (waitedHere && !(await keptTexts.all()).some(isOfThisPage)) return location.reload();
    const stuck = outcomes.find(([, answer]) => ["elsewhere", "unfinished"].includes(answer.became));
    const isSent = outcomes.length && outcomes.every(([, answer]) => ["saved", "kept"].includes(answer.became));
    if (stuck) show(notice.dataset.stuck, stuck[1].look || stuck[0].address);
    else if (unseen) show(notice.dataset.stuck, unseen.address);
    else if (isSent) show(notice.dataset.sent, placeOf(outcomes.at(-1)));
  }

  const go = () => sendAll().catch(() => {});
  addEventListener("online", go);
  addEventListener("load", () => navigator.serviceWorker?.register("/sw.js").catch(() => {}));
  go();
})();
