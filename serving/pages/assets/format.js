// Format numbers and fields of the catalogue as text.

export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds || 0));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (number) => String(number).padStart(2, "0");
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

const REGIONS = { las_vegas: "Las Vegas", europe: "Europe", paradise: "Paradise", apac: "APAC", circuit: "Circuit", super_circuit: "Super Circuit" };

export function facts(title) {
  const brand = title.brand === "OTHER" ? null : title.brand;
  const region = REGIONS[title.region] ?? title.region;
  return [title.year, brand, region, title.game, title.quality?.toUpperCase()].filter(Boolean).join(" · ");
}

export function reasons(title) {
  return title.reasons.map((reason) => reason.replaceAll("_", " ").replace(":", ": ")).join(", ");
}

export function bytes(size) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let step = 0;
  for (; size >= 1000 && step < units.length - 1; step += 1) size /= 1000;
  return `${size.toFixed(step && size < 100 ? 1 : 0)} ${units[step]}`;
}
