type SimpleName =
  | "toggle" | "begin" | "end" | "mute" | "fullscreen" | "picture" | "wide" | "handSkip" | "bestHands"
  | "copy" | "controls" | "help" | "captions" | "skip" | "escape";

export type Command =
  | { name: "jump"; seconds: number }
  | { name: "tenth"; tenth: number }
  | { name: "volume"; change: number }
  | { name: "frame" | "speed" | "hand" | "title"; step: 1 | -1 }
  | { name: SimpleName };

export type KeyPress = {
  key: string;
  shiftKey: boolean;
  ctrlKey: boolean;
  altKey: boolean;
  metaKey: boolean;
  repeat: boolean;
};

/** What has the focus: `field` keeps all keys, the others those that they use themselves. */
export type Focus = "field" | "range" | "button" | "link" | "other";

const OWN_KEYS: Record<Exclude<Focus, "field" | "other">, readonly string[]> = {
  range: ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "PageUp", "PageDown"],
  button: [" ", "Enter"],
  link: ["Enter"],
};

const simple = (name: SimpleName) => (): Command => ({ name });

const LETTERS: Record<string, () => Command> = {
  k: simple("toggle"),
  j: () => ({ name: "jump", seconds: -10 }),
  l: () => ({ name: "jump", seconds: 10 }),
  m: simple("mute"),
  f: simple("fullscreen"),
  i: simple("picture"),
  c: simple("captions"),
  t: simple("wide"),
  h: simple("handSkip"),
  b: simple("bestHands"),
  s: simple("copy"),
  o: simple("controls"),
  n: () => ({ name: "hand", step: 1 }),
  p: () => ({ name: "hand", step: -1 }),
  ",": () => ({ name: "frame", step: -1 }),
  ".": () => ({ name: "frame", step: 1 }),
  "<": () => ({ name: "speed", step: -1 }),
  ">": () => ({ name: "speed", step: 1 }),
  "?": simple("help"),
};

const JUMP_S = 5;
const HELD_JUMP_S = 15;

/** Return what a key does in the player, or null if the key is not ours. `letters`: whether one-letter keys are on. */
export function commandOf(press: KeyPress, focus: Focus, letters = true): Command | null {
  if (press.ctrlKey || press.altKey || press.metaKey || focus === "field") return null;
  if (focus !== "other" && OWN_KEYS[focus].includes(press.key)) return null;
  const seconds = press.repeat ? HELD_JUMP_S : JUMP_S;
  switch (press.key) {
    case " ":
      return press.repeat ? null : { name: "toggle" };
    case "ArrowLeft":
      return press.shiftKey ? { name: "title", step: -1 } : { name: "jump", seconds: -seconds };
    case "ArrowRight":
      return press.shiftKey ? { name: "title", step: 1 } : { name: "jump", seconds };
    case "ArrowUp":
      return { name: "volume", change: 0.05 };
    case "ArrowDown":
      return { name: "volume", change: -0.05 };
    case "Home":
      return { name: "begin" };
    case "End":
      return { name: "end" };
    case "Enter":
      return { name: "skip" };
    case "Escape":
      return { name: "escape" };
  }
  return letters ? characterCommand(press) : null;
}

function characterCommand({ key, repeat }: KeyPress): Command | null {
  if (/^\d$/.test(key)) return { name: "tenth", tenth: Number(key) };
  const command = LETTERS[key.toLowerCase()]?.() ?? null;
  // A held key repeats steps, and nothing that goes on and off.
  return repeat && command && !("step" in command || "seconds" in command) ? null : command;
}

export const SPEEDS = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2] as const;

/** Return the next speed up or down. */
export function stepSpeed(speed: number, step: 1 | -1): number {
  const faster = SPEEDS.find((one) => one > speed + 0.001) ?? 2;
  return step > 0 ? faster : (SPEEDS.findLast((one) => one < speed - 0.001) ?? 0.25);
}

/** The keys as the help lists them; `letter`: it is off with the switch. */
export const KEY_LIST = [
  { keys: ["Space", "K"], does: "toggle" },
  { keys: ["←", "→"], does: "jump5" },
  { keys: ["J", "L"], does: "jump10" },
  { keys: [",", "."], does: "frame" },
  { keys: ["<", ">"], does: "speed" },
  { keys: ["0", "9"], does: "tenth", range: true },
  { keys: ["Home", "End"], does: "ends" },
  { keys: ["↑", "↓"], does: "volume" },
  { keys: ["M"], does: "mute" },
  { keys: ["N", "P"], does: "hand" },
  { keys: ["H"], does: "handSkip" },
  { keys: ["B"], does: "bestHands" },
  { keys: ["Enter"], does: "skip" },
  { keys: ["Shift →", "Shift ←"], does: "title" },
  { keys: ["F"], does: "fullscreen" },
  { keys: ["I"], does: "picture" },
  { keys: ["T"], does: "wide" },
  { keys: ["S"], does: "copy" },
  { keys: ["O"], does: "controls" },
  { keys: ["?"], does: "help" },
  { keys: ["Esc"], does: "escape" },
] as const satisfies readonly { keys: readonly string[]; does: string; range?: boolean }[];
