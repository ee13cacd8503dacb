import { partsOf } from "@/lib/title-parts";

/** The heading of a title: its event small, its day or clip large. */
export function TitleName({ title, id }: { title: string; id?: string }) {
  const { event, name } = partsOf(title);
  return (
    <h1 id={id}>
      {event && <span className="block pb-1 text-lg text-muted">{`${event} `}</span>}
      <span className="block text-4xl font-semibold">{name}</span>
    </h1>
  );
}
