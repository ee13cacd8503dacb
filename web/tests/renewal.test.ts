import { describe, expect, it, vi } from "vitest";
import { ensureFresh, MARGIN_S, type Surroundings } from "@/lib/auth/renewal";
import { renewalDelay } from "@/lib/auth/schedule";

const NOW = 1_000_000;
const LIFETIME = 900;

/** A browser with tabs that share its cookies and its lock, and a server that renews them. */
class Browser {
  until: number | null;
  refresh = vi.fn(async () => {
    this.until = NOW + LIFETIME;
    return { ok: true, status: 200 };
  });
  #queue: Promise<unknown> = Promise.resolve();

  constructor(secondsLeft: number | null) {
    this.until = secondsLeft === null ? null : NOW + secondsLeft;
  }

  tab(): Surroundings {
    return {
      now: () => NOW,
      cookies: () => (this.until === null ? "a=b" : `a=b; wsoptv_until=${this.until}; c=d`),
      refresh: () => this.refresh(),
      locked: (work) => {
        const result = this.#queue.then(work);
        this.#queue = result.catch(() => undefined);
        return result;
      },
    };
  }
}

describe("ensureFresh", () => {
  it("leaves a token that is good for a while", async () => {
    const browser = new Browser(MARGIN_S + 1);
    expect(await ensureFresh(false, browser.tab())).toBe("fresh");
    expect(browser.refresh).not.toHaveBeenCalled();
  });

  it("renews a token that ends soon, and one that has ended", async () => {
    for (const left of [MARGIN_S - 1, -3600]) {
      const browser = new Browser(left);
      expect(await ensureFresh(false, browser.tab())).toBe("renewed");
      expect(browser.refresh).toHaveBeenCalledOnce();
    }
  });

  it("renews once when several tabs want to at the same time", async () => {
    const browser = new Browser(10);
    const outcomes = await Promise.all([1, 2, 3].map(() => ensureFresh(false, browser.tab())));
    expect(outcomes.sort()).toEqual(["fresh", "fresh", "renewed"]);
    expect(browser.refresh).toHaveBeenCalledOnce();
  });

  it("renews once when several tabs met a 401", async () => {
    const browser = new Browser(MARGIN_S + 100);
    const outcomes = await Promise.all([1, 2].map(() => ensureFresh(true, browser.tab())));
    expect(outcomes.sort()).toEqual(["fresh", "renewed"]);
    expect(browser.refresh).toHaveBeenCalledOnce();
  });

  it("does nothing without a sign-in", async () => {
    const browser = new Browser(null);
    expect(await ensureFresh(true, browser.tab())).toBe("signed-out");
    expect(browser.refresh).not.toHaveBeenCalled();
  });

  it("does not renew when another tab signed out while it waited", async () => {
    const browser = new Browser(10);
    const tab = browser.tab();
    const locked: Surroundings["locked"] = async (work) => {
      browser.until = null;
      return work();
    };
    expect(await ensureFresh(false, { ...tab, locked })).toBe("signed-out");
    expect(browser.refresh).not.toHaveBeenCalled();
  });

  it.each([
    [401, "signed-out"],
    [503, "failed"],
    [429, "failed"],
  ])("takes a status of %i for %s", async (status, expected) => {
    const browser = new Browser(10);
    browser.refresh.mockResolvedValueOnce({ ok: false, status });
    expect(await ensureFresh(false, browser.tab())).toBe(expected);
  });

  it("does not end the sign-in when the network is gone, and tries again", async () => {
    const browser = new Browser(10);
    browser.refresh.mockRejectedValueOnce(new TypeError("Failed to fetch"));
    expect(await ensureFresh(false, browser.tab())).toBe("failed");
    expect(await ensureFresh(false, browser.tab())).toBe("renewed");
  });
});

it.each([
  [900, 600],
  [300, 180],
  [MARGIN_S, 30],
  [-50, 30],
])("looks again at a token with %i seconds left after %i", (left, expected) => {
  expect(renewalDelay(`wsoptv_until=${NOW + left}`, NOW)).toBe(expected * 1000);
});
