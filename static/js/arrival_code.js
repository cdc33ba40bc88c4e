// Puts the next minute's code in place of the old one; without it the page loads itself anew.
(() => {
  const place = document.getElementById("arrival");
  const next = (seconds) => setTimeout(renew, seconds * 1000);
  const renew = async () => {
    try {
      const answer = await fetch(location.href, { cache: "no-store" });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("arrival");
      if (!answer.ok || !fresh) return location.reload(); // signed out meanwhile
      place.replaceChildren(...fresh.childNodes);
      next(Number(fresh.dataset.seconds));
    } catch {
      next(5); // no network just now
    }
  };
  next(Number(place.dataset.seconds));
})();
