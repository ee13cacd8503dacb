/** What the player remembers for a person, on all their devices. */
export type Preferences = {
  hand_skip: boolean;
  best_hands: boolean;
  letter_keys: boolean;
  speed: number;
  volume: number;
};

export const DEFAULTS: Preferences = { hand_skip: false, best_hands: false, letter_keys: true, speed: 1, volume: 1 };

/** Gathers changes, and saves those of half a second at once. */
export class PreferenceKeeper {
  private changes: Partial<Preferences> = {};
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly save: (changes: Partial<Preferences>) => Promise<unknown>,
    private readonly delay = 500,
  ) {}

  keep(changes: Partial<Preferences>): void {
    Object.assign(this.changes, changes);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), this.delay);
  }

  /** Save what has not been saved. A failure is no reason to disturb a film: the next change comes along. */
  flush(): void {
    clearTimeout(this.timer);
    const changes = this.changes;
    if (Object.keys(changes).length === 0) return;
    this.changes = {};
    this.save(changes).catch(() => {
      this.changes = { ...changes, ...this.changes };
    });
  }
}
