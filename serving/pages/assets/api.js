// Requests to the server; an error's message is the server's own sentence. A user who is not signed in signs
// in once for all requests that wait.

const dialog = document.querySelector("#sign-in");
const form = dialog.querySelector("form");
const failure = dialog.querySelector(".failure");
const RENEWAL = 10 * 60 * 1000; // ms; pictures and films cannot renew an expired token themselves
const MINUTE = 60 * 1000;
const RENEWED = "wsoptv-renewed"; // in localStorage: when a tab of this browser renewed the tokens, ms since 1970

let signingIn = null;
let renewing = null;

export async function ask(url, options) {
  const sent = Date.now();
  let response = await send(url, options);
  // A request without an access token counts for its address, whose limit others may have used up.
  const since = { 401: sent, 429: sent - RENEWAL }[response.status];
  if (since !== undefined && (await renew(since))) response = await send(url, options);
  if (response.status === 401) {
    await signIn();
    response = await send(url, options);
  }
  return accepted(response);
}

async function send(url, options) {
  try {
    return await fetch(url, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error("The server does not answer.");
  }
}

async function accepted(response) {
  if (response.ok) return response;
  const body = await response.json().catch(() => null);
  const error = new Error(body?.error?.message ?? `The server answered ${response.status}.`);
  error.details = body?.error?.details ?? {};
  throw error;
}

// Renews the tokens, unless a tab has done so since then. One tab at a time, if the browser has Web Locks
// (not on plain http); without them the server's grace period lets tabs renew at the same moment.
function renew(since) {
  const exchange = async () => {
    const last = Number(localStorage.getItem(RENEWED));
    if (since < last && last <= Date.now()) return true;
    // The response must set its cookies even if the page is left meanwhile.
    const { ok } = await send("/api/auth/refresh", { method: "POST", keepalive: true });
    if (ok) renewed();
    return ok;
  };
  renewing ??= (navigator.locks ? navigator.locks.request("wsoptv-renewal", exchange) : exchange()).finally(() => {
    renewing = null;
  });
  return renewing;
}

function renewed() {
  localStorage.setItem(RENEWED, Date.now());
}

function signIn() {
  signingIn ??= new Promise((done) => {
    failure.hidden = true;
    dialog.showModal();
    form.onsubmit = async (event) => {
      event.preventDefault();
      if (await enter(Object.fromEntries(new FormData(form)))) {
        form.reset();
        dialog.close();
        signingIn = null;
        done();
      }
    };
  });
  return signingIn;
}

async function enter(credentials) {
  try {
    const headers = { "Content-Type": "application/json" };
    await accepted(await send("/api/auth/login", { method: "POST", headers, body: JSON.stringify(credentials) }));
    renewed();
    return true;
  } catch (error) {
    failure.textContent = error.message;
    failure.hidden = false;
    return false;
  }
}

export async function signOut() {
  await send("/api/auth/logout", { method: "POST" });
  location.reload();
}

dialog.addEventListener("cancel", (event) => event.preventDefault()); // there is nothing behind it to see
setInterval(() => renew(Date.now() - MINUTE).catch(() => {}), RENEWAL);
