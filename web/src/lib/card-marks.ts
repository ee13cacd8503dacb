/** What the button of a card tells the menu, in a letter each: a page has a hundred such buttons. */
export type Marks = { inList?: boolean; watched?: boolean; inRow?: boolean; inHistory?: boolean };

const LETTERS = { inList: "l", watched: "w", inRow: "r", inHistory: "h" } as const satisfies Record<keyof Marks, string>;
const NAMES = Object.keys(LETTERS) as (keyof Marks)[];

export function markText(marks: Marks): string {
  return NAMES.filter((name) => marks[name])
    .map((name) => LETTERS[name])
    .join("");
}

export function marksOf(text: string): Required<Marks> {
  const has = (name: keyof Marks) => text.includes(LETTERS[name]);
  return { inList: has("inList"), watched: has("watched"), inRow: has("inRow"), inHistory: has("inHistory") };
}
