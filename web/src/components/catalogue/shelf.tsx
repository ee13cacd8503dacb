import type { ComponentProps } from "react";
import { Card } from "./card";
import type { Placing } from "./more-button";

type Item = ComponentProps<typeof Card>["title"];
type Props<T extends Item> = Placing & { titles: T[]; nameOf?: (title: T) => string };

const EAGER = 6;

/** Cards in a grid. */
export function Shelf<T extends Item>({ titles, nameOf, ...placing }: Props<T>) {
  return (
    <ul className="shelf">
      {titles.map((title, index) => (
        <li key={title.id}>
          <Card title={title} name={nameOf?.(title)} eager={index < EAGER} {...placing} />
        </li>
      ))}
    </ul>
  );
}
