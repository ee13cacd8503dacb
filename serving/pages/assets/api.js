// Requests to the server. Errors carry the message of the server. If several requests require a sign-in, they
// wait for the same dialog.

const dialog = document.querySelector("#sign-in");
const form = dialog.querySelector("form");
const failure = dialog.querySelector(".failure");
// In ms. Images and videos cannot renew an expired token themselves.
const RENEWAL = 10 * 60 * 1000;
const MINUTE = 60 * 1000;
// The key in localStorage for the time when a tab of this browser last renewed the tokens, in ms since 1970.
const RENEWED = "wsoptv-renewed";

let signingIn = null;
let renewing = null;

export async function ask(url, options) {
  const sent = Date.now();
  let response = await send(url, options);
  // A request without an access token counts for its address, whose limit other clients may have used up.
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
    throw new Error("The server is not responding.");
  }
}

async function accepted(response) {
  if (response.ok) return response;
  const body = await response.json().catch(() => null);
  const error = new Error(body?.error?.message ?? `The server responded with status ${response.status}.`);
  error.details = body?.error?.details ?? {};
  throw error;
}

// Renew the tokens, unless a tab has done so since then. Tabs take turns if the browser has Web Locks, which
// require https. Otherwise, the grace period of the server lets several tabs renew at the same time.
function renew(since) {
  const exchange = async () => {
    const last = Number(localStorage.getItem(RENEWED));
    if (since < last && last <= Date.now()) return true;
    // The response must set its cookies even if the user leaves the page in the meantime.
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

// The dialog cannot be cancelled, because the page is empty without a sign-in.
dialog.addEventListener("cancel", (event) => event.preventDefault());
setInterval(() => renew(Date.now() - MINUTE).catch(() => {}), RENEWAL);
