/** What the button of a card tells the menu, in a letter each: a page has a hundred such buttons. */
export type Marks = {
  inList?: boolean;
  watched?: boolean;
  /** The card is in "continue watching". */
  inRow?: boolean;
  /** The card is there because its title is in the list. */
  ofList?: boolean;
  inHistory?: boolean;
};

const LETTERS = { inList: "l", watched: "w", inRow: "r", ofList: "o", inHistory: "h" } as const satisfies Record<keyof Marks, string>;
const NAMES = Object.keys(LETTERS) as (keyof Marks)[];

export function markText(marks: Marks): string {
  return NAMES.filter((name) => marks[name])
    .map((name) => LETTERS[name])
    .join("");
}

export function marksOf(text: string): Required<Marks> {
  const has = (name: keyof Marks) => text.includes(LETTERS[name]);
  return {
    inList: has("inList"),
    watched: has("watched"),
    inRow: has("inRow"),
    ofList: has("ofList"),
    inHistory: has("inHistory"),
  };
}
