// Requests to the server. Errors carry the message of the server. If several requests require a sign-in, they
// wait for the same dialog.

const dialog = document.querySelector("#sign-in");
const form = dialog.querySelector("form");
const failure = dialog.querySelector(".failure");
// In s: tokens are renewed this long before their end, because images and videos cannot renew them.
const EARLY = 2 * 60;
// In ms.
const HALF_MINUTE = 30 * 1000;

let signingIn = null;
let renewing = null;
// The end of the last access token of a sign-in that has ended.
let ended = null;

export async function ask(url, options) {
  const known = end();
  let response = await send(url, options);
  // A request without an access token counts for its address, whose limit other clients may have used up.
  const expired = response.status === 401 || (response.status === 429 && left() <= 0);
  if (expired && (await renew(known))) response = await send(url, options);
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

// Return when the access token ends, in s since 1970, or 0 without a sign-in.
function end() {
  return Number(document.cookie.match(/(?:^|; )wsoptv_until=(\d+)/)?.[1] ?? 0);
}

// Return for how many seconds the access token is still valid, by the clock of this device.
function left() {
  return end() - Date.now() / 1000;
}

// Renew the tokens, unless their end is no longer the known one because another tab has renewed them. Tabs
// take turns if the browser has Web Locks, which require https. Otherwise, the grace period of the server lets
// several tabs renew at the same time.
function renew(known) {
  const exchange = async () => {
    if (end() !== known && end() !== 0) return true;
    // The response must set its cookies even if the user leaves the page in the meantime.
    const { ok, status } = await send("/api/auth/refresh", { method: "POST", keepalive: true });
    if (status === 401) ended = known;
    return ok;
  };
  renewing ??= (navigator.locks ? navigator.locks.request("wsoptv-renewal", exchange) : exchange()).finally(() => {
    renewing = null;
  });
  return renewing;
}

function renewEarly() {
  if (!document.hidden && end() !== 0 && end() !== ended && left() < EARLY) renew(end()).catch(() => {});
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
setInterval(renewEarly, HALF_MINUTE);
document.addEventListener("visibilitychange", renewEarly);
window.addEventListener("online", renewEarly);
