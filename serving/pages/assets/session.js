// A playback session: the place that one player holds, told how far it came, given back when it closes.

import { ask } from "./api.js";

const POLL = 3000; // ms between two questions while the player waits for a place

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

  // Answers the session once it plays; `waits` hears of each position in the queue before that.
  async start(waits, takeOver = null) {
    for (;;) {
      const asked = { playback_id: this.#id, take_over: takeOver };
      const session = await (await ask(`${this.#url}/start`, json(asked))).json();
      this.#id = session.playback_id;
      if (this.#over) return this.end();
      if (session.state === "playing") return this.#hold(session);
      waits(session.position);
      await new Promise((done) => { setTimeout(done, POLL); });
      if (this.#over) return this.end();
    }
  }

  #hold(session) {
    this.#timer = setInterval(() => this.tell(), session.heartbeat_seconds * 1000);
    return session;
  }

  // A sign of life, and where the viewer is; 0 says nothing: a player that failed stands there, too.
  async tell() {
    if (this.#id === null) return;
    const position = this.#video.currentTime;
    const where = position > 0 ? { position_seconds: position } : {};
    await ask(`${this.#url}/heartbeat`, json({ playback_id: this.#id, ...where })).catch(() => {});
  }

  // Also while the page is being left, which `keepalive` outlives.
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
