// The entry has arrived: the copy that this browser kept while it was written is not needed any more.
(() => {
  const key = sessionStorage.getItem("writing-sent");
  if (!key) return;
  localStorage.removeItem(key);
  sessionStorage.removeItem("writing-sent");
})();
