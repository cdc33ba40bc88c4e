// The programme opens at “nu”: the list on a phone, and the drawing where it is wider than the window.
(() => {
  const now = document.getElementById("nu");
  if (now && !location.hash && now.offsetParent) now.scrollIntoView({ block: "start" });
  const drawing = document.getElementById("lines-scroll");
  const flag = drawing && drawing.querySelector(".nowpill");
  if (flag) drawing.scrollLeft = flag.x.baseVal.value - drawing.clientWidth / 3;
})();
