// The list of titles with posters, loaded as they scroll into view. A title in the address (#id) plays.

import { ask, signOut } from "./api.js";
import { clock, facts, reasons } from "./format.js";
import { play, stop } from "./player.js";

const PAGE = 48;
const choice = document.querySelector("#choice");
const list = document.querySelector("#titles");
const count = document.querySelector("#count");
const more = document.querySelector("#more");
const failure = document.querySelector("#failure");
const template = document.querySelector("#card");
const numbers = new Intl.NumberFormat("en");

let request = new AbortController();
let loading = false;
let shown = 0;

// Words are searched, with the best matches first. Without words, titles are listed in the chosen order.
function address() {
  const fields = new FormData(choice);
  const query = new URLSearchParams({ limit: PAGE, offset: shown, playable: fields.has("preparing") ? "all" : "true" });
  const words = fields.get("title").trim();
  choice.elements.sort.disabled = words !== "";
  query.set(...(words ? ["q", words] : ["sort", choice.elements.sort.value]));
  return `${words ? "/api/search" : "/api/contents"}?${query}`;
}

function summary(page) {
  const titles = page.total === 1 ? "1 title" : `${numbers.format(page.total)} titles`;
  return page.corrected ? `${titles} for “${page.corrected}”` : titles;
}

function card(title) {
  const item = template.content.cloneNode(true);
  const link = item.querySelector("a");
  const ready = title.status === "ready";
  if (ready) link.href = `#${title.id}`;
  link.classList.toggle("preparing", !ready);
  link.title = title.title;
  item.querySelector(".name").textContent = title.title;
  item.querySelector(".facts").textContent = ready ? facts(title) : reasons(title) || facts(title);
  item.querySelector(".length").textContent = title.duration_seconds ? clock(title.duration_seconds) : "";
  if (title.urls.poster) item.querySelector(".picture").prepend(poster(title.urls.poster));
  return item;
}

function poster(url) {
  const image = new Image(640, 360);
  image.loading = "lazy";
  image.alt = "";
  image.addEventListener("error", () => image.remove());
  image.src = url;
  return image;
}

async function load() {
  if (loading) return;
  loading = true;
  failure.hidden = true;
  const { signal } = request;
  try {
    const page = await (await ask(address(), { signal })).json();
    if (signal.aborted) return;
    list.append(...page.items.map(card));
    shown += page.items.length;
    count.textContent = summary(page);
    more.hidden = shown >= page.total || page.items.length === 0;
    more.textContent = "Show more";
  } catch (error) {
    if (signal.aborted) return;
    failure.textContent = error.message;
    failure.hidden = more.hidden = false;
    more.textContent = "Try again";
  } finally {
    if (!signal.aborted) loading = false;
  }
  // The observer reports only changes, so load again while the button stays in view.
  if (!more.hidden && failure.hidden && near(more)) load();
}

function restart() {
  request.abort();
  request = new AbortController();
  loading = false;
  shown = 0;
  list.replaceChildren();
  more.hidden = true;
  load();
}

function near(element) {
  return element.getBoundingClientRect().top < window.innerHeight + 600;
}

function follow() {
  const id = location.hash.slice(1);
  if (id) play(id);
  else stop();
}

let typing;
choice.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(restart, 250);
});
choice.addEventListener("submit", (event) => event.preventDefault());
more.addEventListener("click", load);
document.querySelector("#sign-out").addEventListener("click", signOut);
new IntersectionObserver(
  ([entry]) => entry.isIntersecting && failure.hidden && load(),
  { rootMargin: "600px" },
).observe(more);
window.addEventListener("hashchange", follow);
load();
follow();
