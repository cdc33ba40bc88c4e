// On a phone the page opens at “nu”. Without this script the link #nu does the same.
(() => {
  const now = document.getElementById("nu");
  if (!now || location.hash || now.offsetParent === null) return;
  now.scrollIntoView({ block: "start" });
})();
