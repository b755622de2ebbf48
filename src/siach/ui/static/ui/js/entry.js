// Coming in: the browser's side of passkeys. What the server offers stands in data-passkey as JSON.
import { $, $$ } from "./dom.js";

const bytes = text => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), sign => sign.charCodeAt(0));
const text = buffer => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const named = list => (list || []).map(one => ({ ...one, id: bytes(one.id) }));

/** What the server asked, with bytes where the browser wants bytes. */
function asked({ publicKey }) {
  const options = { ...publicKey, challenge: bytes(publicKey.challenge) };
  if (publicKey.user) options.user = { ...publicKey.user, id: bytes(publicKey.user.id) };
  if (publicKey.excludeCredentials) options.excludeCredentials = named(publicKey.excludeCredentials);
  if (publicKey.allowCredentials) options.allowCredentials = named(publicKey.allowCredentials);
  return { publicKey: options };
}

/** The browser's answer as the server reads it. */
function answered(credential) {
  const { response } = credential;
  const said = { clientDataJSON: text(response.clientDataJSON) };
  for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) if (response[part]) said[part] = text(response[part]);
  return { id: credential.id, rawId: text(credential.rawId), type: credential.type, response: said, clientExtensionResults: credential.getClientExtensionResults() };
}

async function offered(form) {
  if (form.dataset.passkey) return JSON.parse(form.dataset.passkey);
  const answer = await fetch(form.dataset.passkeyUrl, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(answer.status);
  return answer.json();
}

async function use(form) {
  const said = $("[data-passkey-said]", form);
  said.hidden = true;
  try {
    const options = asked(await offered(form));
    const making = "user" in options.publicKey;
    const credential = await (making ? navigator.credentials.create(options) : navigator.credentials.get(options));
    form.elements.credential.value = JSON.stringify(answered(credential));
    form.submit();
  } catch {
    said.hidden = false;
  }
}

// The other ways in know what is said of this device in the form of the password.
document.addEventListener("change", ({ target }) => {
  if (target.name === "own") $$("[data-own]").forEach(field => { field.value = target.checked ? "on" : ""; });
});

// Without scripts or without WebAuthn these stay hidden; the other ways stand beside them.
if (window.PublicKeyCredential) $$("[data-passkey], [data-passkey-url]").forEach(form => {
  form.hidden = false;
  $$(`[data-with="${form.id}"]`).forEach(one => { one.hidden = false; });
  form.addEventListener("submit", event => { event.preventDefault(); event.stopPropagation(); use(form); });
});
