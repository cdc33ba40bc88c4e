// A form is sent once, however often its button is tapped. Without this script a second tap comes to the same, later.
(() => {
  const WHILE = 5_000; // where the answer is a file, the page stays, and may be asked again

  document.addEventListener("submit", (event) => {
    const { dataset } = event.target;
    if (event.defaultPrevented) return; // another script sends it
    if (Date.now() - (dataset.sentAt || 0) < WHILE) event.preventDefault();
    else dataset.sentAt = Date.now();
  });
})();
