// Signing in with a fingerprint, a face or the device's own code. A browser that cannot do it shows nothing of it.
(() => {
  const isNumbers = /^[\d.]+$|:/.test(location.hostname); // a passkey belongs to a name
  const canDo = !isNumbers && window.PublicKeyCredential?.parseRequestOptionsFromJSON;

  function show(selector, isShown, root = document) {
    for (const part of root.querySelectorAll(selector)) part.hidden = !isShown;
  }

  // What the server asks: in the page, or fetched when the button is pressed, so that looking costs nothing.
  async function asked(form) {
    const inPage = document.getElementById(form.dataset.options);
    if (inPage) return JSON.parse(inPage.textContent);
    const answer = await fetch(form.action, { headers: { Accept: "application/json" }, cache: "no-store" });
    if (!answer.ok) throw new Error(answer.statusText);
    return answer.json();
  }

  // The key is to lie on the device itself and to ask for finger, face or code each time.
  function forThisDevice(options) {
    const kind = { residentKey: "required", requireResidentKey: true, userVerification: "required" };
    return { ...options, authenticatorSelection: { ...options.authenticatorSelection, ...kind } };
  }

  async function create({ creation_options: { publicKey } }) {
    const options = PublicKeyCredential.parseCreationOptionsFromJSON(forThisDevice(publicKey));
    return navigator.credentials.create({ publicKey: options });
  }

  async function get({ request_options: { publicKey } }) {
    const options = PublicKeyCredential.parseRequestOptionsFromJSON(publicKey);
    return navigator.credentials.get({ publicKey: options });
  }

  async function answer(form) {
    show("[data-failed], [data-known]", false, form);
    try {
      const credential = await { create, get }[form.dataset.passkey](await asked(form));
      form.elements.credential.value = JSON.stringify(credential);
      form.submit();
    } catch (error) {
      show(error.name === "InvalidStateError" ? "[data-known]" : "[data-failed]", true, form);
    }
  }

  async function start() {
    if (!canDo || !(await PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable())) return;
    show("[data-passkeys]", true);
    show("[data-no-passkeys]", false);
    for (const form of document.querySelectorAll("form[data-passkey]")) {
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        answer(form);
      });
    }
  }
  start();
})();
