import Link from "next/link";

export function EntryHead({ title, lead }: { title: string; lead: string }) {
  return (
    <div className="grid gap-1">
      <h1 className="text-2xl font-semibold">{title}</h1>
      <p className="text-muted">{lead}</p>
    </div>
  );
}

export function EntryLink({ text, href, label }: { text?: string; href: string; label: string }) {
  return (
    <p className="text-sm text-muted">
      {text}{" "}
      <Link href={href} prefetch={false} className="inline-flex min-h-6 items-center font-medium text-text underline decoration-line-strong underline-offset-4 hover:text-accent">
        {label}
      </Link>
    </p>
  );
}
