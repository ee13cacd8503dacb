// Asking the server; an error's message is the server's own sentence. Who is not signed in is asked to, once for all
// that waits for an answer.

const dialog = document.querySelector("#sign-in");
const form = dialog.querySelector("form");
const failure = dialog.querySelector(".failure");
const RENEWAL = 10 * 60 * 1000; // ms; pictures and films cannot renew a token that has become too old by themselves

let signingIn = null;

export async function ask(url, options) {
  let response = await send(url, options);
  if (response.status === 401) {
    if (!(await renew())) await signIn();
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

// A refresh token is good once: of several tabs only one may show it at a time.
function renew() {
  const exchange = async () => (await send("/api/auth/refresh", { method: "POST" })).ok;
  return navigator.locks ? navigator.locks.request("wsoptv-renewal", exchange) : exchange();
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

dialog.addEventListener("cancel", (event) => event.preventDefault()); // there is nothing behind it to see
setInterval(renew, RENEWAL);
