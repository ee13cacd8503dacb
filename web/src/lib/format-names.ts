const NAMES: Record<string, string> = {
  matroska: "MKV",
  mov: "QuickTime",
  mpegts: "MPEG-TS",
  h264: "H.264",
  hevc: "HEVC",
  mpeg1video: "MPEG-1",
  mpeg2video: "MPEG-2",
  mpeg4: "MPEG-4 Part 2",
  prores: "ProRes",
  dnxhd: "DNxHD",
  dvvideo: "DV",
  wmv3: "WMV",
  wmav2: "WMA",
  opus: "Opus",
  vorbis: "Vorbis",
};

/** Return the name of a container or codec as people write it; codes of PCM are all "PCM". */
export function formatName(code: string): string {
  return NAMES[code] ?? (code.startsWith("pcm_") ? "PCM" : code.toUpperCase());
}
