// The player: a title in a dialog, with the pictures of the storyboard above the seek bar.

import { ask } from "./api.js";
import { bytes, clock, facts } from "./format.js";
import { Session } from "./session.js";

const dialog = document.querySelector("#player");
const find = (selector) => dialog.querySelector(selector);
const [screen, video, failure, seek, preview, tile, volume] = [
  ".screen", "video", ".failure", ".seek input", ".preview", ".tile", ".volume",
].map(find);
const SKIP = 10;
let pictures = [];
let dragging = false;
let current = null;
let session = null;
let playing = null;

export async function play(id) {
  current = id;
  reset();
  if (!dialog.open) dialog.showModal();
  try {
    const title = await (await ask(`/api/contents/${encodeURIComponent(id)}`)).json();
    if (current === id) show(title);
  } catch (error) {
    if (current === id) fail(error.message);
  }
}

export function stop() {
  current = null;
  if (dialog.open) dialog.close();
}

function reset() {
  session?.end();
  session = playing = null;
  video.pause();
  video.removeAttribute("src");
  video.removeAttribute("poster");
  screen.classList.remove("still");
  video.replaceChildren();
  video.load();
  pictures = [];
  failure.hidden = true;
  preview.hidden = true;
  seek.value = seek.max = 0;
  for (const place of ["#playing", ".facts", ".file", ".clock"]) find(place).textContent = "";
}

function show(title) {
  const file = title.files.find((one) => one.plays);
  find("#playing").textContent = title.title;
  find(".facts").textContent = facts(title);
  find(".file").textContent = file
    ? [file.path, file.width && `${file.width}×${file.height}`, file.video_codec, bytes(file.size)].filter(Boolean).join(" · ")
    : "";
  if (title.urls.poster) video.poster = title.urls.poster;
  if (!title.urls.stream) return fail(`This title does not play yet (${reasons(file)}).`);
  if (title.urls.storyboard_index) loadStoryboard(title.urls.storyboard_index);
  find(".toggle").focus();
  begin(title);
}

async function begin(title, takeOver = null) {
  session?.end();
  const own = (session = new Session(title.id, video));
  playing = title;
  failure.hidden = true;
  try {
    const begun = await own.start((position) => session === own && fail(`All slots are in use. You are number ${position} in the queue.`), takeOver);
    if (!begun || session !== own) return;
    failure.hidden = true;
    screen.classList.remove("still");
    video.src = begun.playback_url;
    video.addEventListener("loadedmetadata", () => resume(begun.progress_seconds), { once: true });
    // The browser may require a click first.
    video.play().catch(() => {});
  } catch (error) {
    if (session === own) refused(title, error);
  }
}

function resume(seconds) {
  if (seconds < video.duration * 0.9) video.currentTime = seconds;
}

// A viewer who already plays as many titles as allowed may replace one of them.
function refused(title, error) {
  const others = error.details?.playing ?? [];
  fail(error.message, others.map((other) => ({
    words: `Play here instead of “${other.title}” (${other.device})`,
    action: () => begin(title, other.playback_id),
  })));
}

function loadStoryboard(url) {
  const track = document.createElement("track");
  track.kind = "metadata";
  track.addEventListener("load", () => {
    pictures = [...track.track.cues].flatMap((cue) => {
      const area = /#xywh=(\d+),(\d+),(\d+),(\d+)$/.exec(cue.text.trim());
      if (!area) return [];
      const [x, y, width, height] = area.slice(1).map(Number);
      return [{ end: cue.endTime, sheet: new URL(cue.text.trim(), new URL(url, location)).href.split("#")[0], x, y, width, height }];
    });
  });
  video.append(track);
  track.src = url;
  track.track.mode = "hidden";
}

function showPreview(seconds) {
  const picture = pictures.find((one) => seconds < one.end) ?? pictures.at(-1);
  if (!picture || !video.duration) return;
  const scale = Math.min(1, 240 / picture.width, window.innerWidth / 3 / picture.width);
  preview.hidden = false;
  Object.assign(tile.style, {
    width: `${picture.width}px`,
    height: `${picture.height}px`,
    zoom: scale,
    backgroundImage: `url("${picture.sheet}")`,
    backgroundPosition: `-${picture.x}px -${picture.y}px`,
  });
  preview.querySelector("span").textContent = clock(seconds);
  const room = seek.clientWidth - preview.offsetWidth;
  const middle = (seconds / video.duration) * seek.clientWidth - preview.offsetWidth / 2;
  preview.style.left = `${Math.max(0, Math.min(room, middle))}px`;
}

function reasons(file) {
  const said = file?.playability_reasons ?? [];
  return said.map((reason) => reason.replaceAll("_", " ").replace(":", ": ")).join(", ") || "the file is missing";
}

// Without a stream, the controls are hidden, and the poster stays visible behind the message.
function fail(message, choices = []) {
  failure.textContent = message;
  failure.append(...choices.map(({ words, action }) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = words;
    button.addEventListener("click", action);
    return button;
  }));
  failure.hidden = false;
  screen.classList.toggle("still", !video.hasAttribute("src"));
}

async function explain() {
  if (!video.hasAttribute("src")) return;
  const { message } = await ask(video.src, { method: "GET", headers: { Range: "bytes=0-0" } }).then(
    () => ({ message: "This browser cannot play the file." }),
    (error) => error,
  );
  const title = playing;
  fail(message, title ? [{ words: "Play again", action: () => begin(title) }] : []);
}

function toggle() {
  if (video.paused) video.play().catch(() => {});
  else video.pause();
}

function fullscreen() {
  if (document.fullscreenElement) document.exitFullscreen();
  else if (screen.requestFullscreen) screen.requestFullscreen();
  // Safari on iPhone supports only this method.
  else video.webkitEnterFullscreen?.();
}

function jump(seconds) {
  video.currentTime = Math.max(0, Math.min(video.duration || 0, video.currentTime + seconds));
}

const KEYS = {
  " ": toggle,
  k: toggle,
  ArrowLeft: () => jump(-SKIP),
  ArrowRight: () => jump(SKIP),
  f: fullscreen,
  m: () => { video.muted = !video.muted; },
};

function pressed(event) {
  const own = event.target.matches("button") && event.key === " ";
  const action = KEYS[event.key];
  if (!action || own || event.target === volume || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  action();
}

function tick() {
  if (!dragging) seek.value = video.currentTime;
  find(".clock").textContent = `${clock(dragging ? seek.value : video.currentTime)} / ${clock(video.duration)}`;
  seek.setAttribute("aria-valuetext", clock(seek.value));
}

function reflect() {
  screen.classList.toggle("playing", !video.paused);
  screen.classList.toggle("muted", video.muted || video.volume === 0);
  find(".toggle").setAttribute("aria-label", video.paused ? "Play" : "Pause");
  find(".mute").setAttribute("aria-pressed", video.muted);
}

let resting;
function wake() {
  screen.classList.remove("idle");
  clearTimeout(resting);
  resting = setTimeout(() => screen.classList.toggle("idle", !video.paused), 3000);
}

for (const name of ["play", "pause", "volumechange", "emptied"]) video.addEventListener(name, reflect);
for (const name of ["timeupdate", "seeking", "durationchange"]) video.addEventListener(name, tick);
video.addEventListener("durationchange", () => { seek.max = Number.isFinite(video.duration) ? video.duration : 0; });
for (const name of ["pause", "seeked"]) video.addEventListener(name, () => session?.sendHeartbeat());
window.addEventListener("pagehide", () => session?.end());
video.addEventListener("error", explain);
video.addEventListener("click", toggle);
video.addEventListener("dblclick", fullscreen);
find(".toggle").addEventListener("click", toggle);
find(".mute").addEventListener("click", KEYS.m);
find(".fullscreen").addEventListener("click", fullscreen);
find(".close").addEventListener("click", () => dialog.close());
volume.addEventListener("input", () => { video.volume = volume.value; video.muted = false; });

seek.addEventListener("pointermove", (event) => {
  const box = seek.getBoundingClientRect();
  const part = Math.max(0, Math.min(1, (event.clientX - box.left) / box.width));
  showPreview(dragging ? Number(seek.value) : part * video.duration);
});
seek.addEventListener("input", () => { dragging = true; showPreview(Number(seek.value)); tick(); });
seek.addEventListener("change", () => { dragging = false; video.currentTime = seek.value; });
for (const name of ["pointerleave", "pointerup", "blur"]) seek.addEventListener(name, () => { preview.hidden = true; });

dialog.addEventListener("keydown", pressed);
dialog.addEventListener("pointermove", wake);
dialog.addEventListener("close", () => {
  current = null;
  reset();
  if (location.hash) history.replaceState(null, "", location.pathname + location.search);
});
