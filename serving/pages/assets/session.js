// A playback session: holds a slot for the player, reports its position, and releases the slot at the end.

import { ask } from "./api.js";

// In ms, between two requests while the player waits for a slot.
const POLL = 3000;

const json = (body) => ({ method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

export class Session {
  #url;
  #video;
  #id = null;
  #timer = null;
  #over = false;

  constructor(contentId, video) {
    this.#url = `/api/stream/${encodeURIComponent(contentId)}`;
    this.#video = video;
  }

  // Return the session once it holds a slot. Before that, call `waits` with each position in the queue.
  async start(waits, takeOver = null) {
    for (;;) {
      const body = { playback_id: this.#id, take_over: takeOver };
      const session = await (await ask(`${this.#url}/start`, json(body))).json();
      this.#id = session.playback_id;
      if (this.#over) return this.end();
      if (session.state === "playing") return this.#hold(session);
      waits(session.position);
      await new Promise((done) => { setTimeout(done, POLL); });
      if (this.#over) return this.end();
    }
  }

  #hold(session) {
    this.#timer = setInterval(() => this.sendHeartbeat(), session.heartbeat_seconds * 1000);
    return session;
  }

  // Send a heartbeat with the position. Position 0 is omitted, because a failed player is there as well.
  async sendHeartbeat() {
    if (this.#id === null) return;
    const position = this.#video.currentTime;
    const where = position > 0 ? { position_seconds: position } : {};
    await ask(`${this.#url}/heartbeat`, json({ playback_id: this.#id, ...where })).catch(() => {});
  }

  // `keepalive` completes the request even if the user leaves the page.
  end() {
    this.#over = true;
    clearInterval(this.#timer);
    if (this.#id === null) return null;
    const position = this.#video.currentTime;
    const where = position > 0 ? { position_seconds: position } : {};
    fetch(`${this.#url}/end`, { ...json({ playback_id: this.#id, ...where }), keepalive: true }).catch(() => {});
    this.#id = null;
    return null;
  }
}
