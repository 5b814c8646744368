const LIGHT_SURFACE = "#ffffff";
const DARK_SURFACE = "#1a1d20";
/** WCAG requires 4.5 for text. A little more allows for rounding. */
const CONTRAST = 4.6;

/** Derives the accents of both themes from the tenant's colour, so that they are readable. */
export function applyAccent(accent: string | undefined): void {
  if (!accent || !/^#[0-9a-f]{6}$/i.test(accent)) return;
  const light = readable(accent, LIGHT_SURFACE, -1);
  const dark = readable(accent, DARK_SURFACE, 1);
  const { style } = document.documentElement;
  style.setProperty("--accent", `light-dark(${light}, ${dark})`);
  style.setProperty("--on-accent", `light-dark(${textOnAccent(light)}, ${textOnAccent(dark)})`);
}

/** Makes a colour darker or lighter until it stands out from a surface. */
export function readable(color: string, surface: string, direction: 1 | -1): string {
  const target = direction > 0 ? 255 : 0;
  for (let share = 0; share < 1; share += 0.04) {
    const mixed = hex(rgb(color).map((value) => value + (target - value) * share));
    if (contrast(mixed, surface) >= CONTRAST) return mixed;
  }
  return direction > 0 ? "#ffffff" : "#000000";
}

export function textOnAccent(accent: string): string {
  return contrast(accent, "#ffffff") >= CONTRAST ? "#ffffff" : "#101413";
}

export function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function luminance(color: string): number {
  const [r, g, b] = rgb(color).map((value) => {
    const share = value / 255;
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function rgb(color: string): number[] {
  return [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
}

function hex(channels: number[]): string {
  return `#${channels.map((value) => Math.round(value).toString(16).padStart(2, "0")).join("")}`;
}
