import type { Picture } from './jpeg.ts';

// A lake below mountains at dusk. Only + - * / and Math.sqrt are used, which give the same bits in every
// engine; Math.sin, ** and their like may not.

type Color = readonly [red: number, green: number, blue: number];

const width = 1200;
const height = 800;
const waterline = 530;
const sun = { x: 772, y: 372, radius: 27 };

const square = (value: number): number => value * value;

const clamp = (value: number): number => Math.min(1, Math.max(0, value));

/** 0 up to `from`, 1 beyond `to`, smooth between; `from` may be the larger one. */
function smooth(from: number, to: number, value: number): number {
  const t = clamp((value - from) / (to - from));
  return t * t * (3 - 2 * t);
}

const mix = (a: Color, b: Color, t: number): Color => [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t];

const lighten = (color: Color, amount: number): Color => [color[0] + amount, color[1] + amount, color[2] + amount];

/** Pseudo-random number from 0 to 1 of a grid point. */
function random(x: number, y: number, seed: number): number {
  let h = Math.imul(x, 0x27d4eb2d) ^ Math.imul(y, 0x165667b1) ^ Math.imul(seed, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0) / 0x1_0000_0000;
}

/** Random grid points, smoothly joined. */
function noise(x: number, y: number, seed: number): number {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [u, v] = [smooth(0, 1, x - left), smooth(0, 1, y - top)];
  const upper = random(left, top, seed) * (1 - u) + random(left + 1, top, seed) * u;
  const lower = random(left, top + 1, seed) * (1 - u) + random(left + 1, top + 1, seed) * u;
  return upper * (1 - v) + lower * v;
}

/** Noise with ever finer detail; about 0.5 on average. */
function clouds(x: number, y: number, seed: number, octaves: number): number {
  let [sum, weight, scale] = [0, 0.5, 1];
  for (let i = 0; i < octaves; i++) {
    sum += weight * noise(x * scale, y * scale, seed + i);
    weight /= 2;
    scale *= 2.03;
  }
  return sum / (1 - weight * 2);
}

/** The same with sharp crests, as mountains have. */
function crests(x: number, seed: number): number {
  let [sum, weight, scale] = [0, 0.5, 1];
  for (let i = 0; i < 7; i++) {
    const fold = 2 * noise(x * scale, 0.5, seed + i) - 1;
    sum += weight * (1 - Math.sqrt(fold * fold + 0.002));
    weight *= 0.48;
    scale *= 2.1;
  }
  return sum;
}

function distanceToSun(x: number, y: number): number {
  return Math.sqrt(square(x - sun.x) + square(y - sun.y));
}

function sky(x: number, y: number): Color {
  const distance = distanceToSun(x, y);
  let color = mix([38, 66, 118], [122, 150, 192], smooth(-60, 250, y));
  color = mix(color, [243, 205, 160], smooth(130, 430, y));
  const bank = clouds(x * 0.0032 + 7, y * 0.0125, 11, 6);
  const cover = smooth(0.47, 0.72, bank) * smooth(430, 250, y);
  const lit = clamp(0.35 + 150 / (distance + 150) + (clouds(x * 0.0032 + 7, (y + 9) * 0.0125, 11, 6) - bank) * 5);
  color = mix(color, mix([104, 112, 146], [255, 226, 192], lit), cover * 0.85);
  color = mix(color, [255, 214, 142], 0.8 / (1 + square(distance / 120)));
  return mix(color, [255, 247, 220], smooth(sun.radius + 2, sun.radius - 3, distance) + 0.25 / (1 + square(distance / 40)));
}

interface Range {
  readonly seed: number;
  readonly foot: number;
  readonly rise: number;
  readonly scale: number;
  readonly color: Color;
  readonly haze: number;
  readonly snow: boolean;
}

const ranges: readonly Range[] = [
  { seed: 21, foot: 520, rise: 290, scale: 0.0031, color: [98, 108, 142], haze: 0.5, snow: true },
  { seed: 47, foot: 560, rise: 210, scale: 0.0042, color: [66, 82, 108], haze: 0.34, snow: false },
  { seed: 83, foot: 575, rise: 120, scale: 0.0052, color: [38, 56, 62], haze: 0.14, snow: false },
];

/** Height of each range by column; the valley under the sun is kept open. */
const ridges: readonly Float64Array[] = ranges.map(({ seed, foot, rise, scale, snow }) =>
  Float64Array.from({ length: width + 400 }, (_, i) => {
    const x = i - 200;
    const valley = smooth(0, 420, Math.abs(x - sun.x)) * 0.55 + 0.45;
    const firs = snow ? 0 : (noise(x * 0.31, 0, seed + 9) - 0.5) * (9 - rise / 30);
    return foot - rise * crests(x * scale + seed, seed) * valley - firs;
  }),
);

/** All that stands above the water, seen directly; the water mirrors it. */
function land(x: number, y: number): Color {
  let color = sky(x, y);
  for (const [index, range] of ranges.entries()) {
    const column = Math.min(width + 398, Math.max(1, Math.round(x) + 200));
    const ridge = ridges[index]![column]!;
    const cover = smooth(ridge - 1, ridge + 1, y);
    if (cover === 0) continue;
    const relief = clouds((x + y * 0.35) * 0.021, y * 0.016, range.seed + 30, 5);
    const step = 9 - 18 * smooth(-160, 160, x - sun.x);
    const toSun = clouds((x + y * 0.35 + step) * 0.021, y * 0.016, range.seed + 30, 5);
    const light = (relief - toSun) * 2.4;
    let ground = lighten(range.color, light * 95 * (1 - range.haze));
    if (range.snow) {
      const line = smooth(20, -30, y - ridge - 58 + (relief - 0.5) * 190) * smooth(400, 330, y);
      ground = mix(ground, lighten([214, 208, 214], light * 150), line * 0.9);
    } else {
      ground = lighten(ground, (random(Math.round(x), Math.round(y), range.seed) - 0.5) * 16 * (1 - range.haze));
    }
    const glow = 1 / (1 + square(distanceToSun(x, y) / 210));
    const haze = mix([150, 160, 186], [255, 214, 160], clamp(glow * 1.3));
    ground = mix(ground, haze, clamp(range.haze * (0.55 + 0.9 * smooth(330, waterline, y)) + glow * 0.25));
    color = mix(color, ground, cover);
  }
  return color;
}

function water(x: number, y: number): Color {
  const depth = y - waterline;
  const wave = clouds(x * 0.013, y * (0.5 - depth * 0.0012), 61, 3) - 0.5;
  const calm = smooth(0.35, 0.65, clouds(x * 0.002, y * 0.018, 67, 3));
  const mirrored = land(x + wave * depth * 0.22, waterline - depth * 1.02 + wave * (6 + depth * 0.5) * (1.3 - calm));
  const path = smooth(34 + depth * 0.32, 0, Math.abs(x - sun.x));
  const dark = (0.2 + depth * 0.001 - wave * 0.35) * (1 - 0.8 * path * smooth(160, 220, mirrored[2]));
  let color = mix(mirrored, [30, 50, 82], dark);
  const glint = smooth(0.52, 0.74, clouds(x * 0.03, y * 0.36, 71, 3));
  color = mix(color, [255, 225, 165], path * (0.3 + 0.65 * glint) * smooth(330, 150, depth));
  return mix(color, [226, 204, 182], 0.35 * smooth(16, 0, depth));
}

const bank = (x: number): number => 812 - 96 * smooth(560, -60, x) - 124 * smooth(760, 1260, x) - 16 * clouds(x * 0.012, 3, 91, 4);

/** Firs on both banks, the far ones first. */
const firs = Array.from({ length: 34 }, (_, i) => {
  const [place, size] = [random(i, 1, 97), random(i, 2, 97)];
  const x = i % 2 ? -10 + 300 * place * place : 1215 - 330 * place * place;
  const tall = (130 + 250 * size) * (1 - 0.55 * place);
  return { x, foot: bank(x) + 14 + 20 * random(i, 3, 97), tall, seed: 100 + i };
}).sort((a, b) => a.foot - b.foot);

function foreground(x: number, y: number, behind: Color): Color {
  let color = behind;
  const edge = bank(x) - 7 * noise(x * 0.45, 1, 93) * noise(x * 0.05, 2, 94);
  const blades = clouds(x * 0.16 + y * 0.03, y * 0.05, 95, 4);
  const grass = lighten(mix([30, 38, 26], [78, 72, 40], smooth(0.35, 0.75, blades)), (edge - y) * 0.09);
  color = mix(color, grass, smooth(edge - 1, edge + 1.5, y));
  for (const fir of firs) {
    const down = (y - fir.foot + fir.tall) / fir.tall;
    const aside = x - fir.x;
    if (down < 0 || down > 1 || Math.abs(aside) > fir.tall * 0.24) continue;
    // Whorls of branches: each widens downwards, and no two are alike.
    const whorl = down * (9 + fir.tall * 0.035) + noise(aside * 0.04, down * 6, fir.seed) * 0.9;
    const branch = whorl - Math.floor(whorl);
    const ragged = noise(aside * 0.4, y * 0.42, fir.seed + 1);
    const half = fir.tall * 0.19 * down * (0.5 + 0.5 * branch) * (0.62 + 0.65 * ragged) + 0.8;
    const cover = down > 0.95 ? smooth(fir.tall * 0.016 + 1, fir.tall * 0.016, Math.abs(aside)) : smooth(half + 1, half - 1, Math.abs(aside));
    const rim = clamp((aside * (fir.x < sun.x ? 1 : -1)) / half) * 26 * (0.4 + ragged * 0.8);
    color = mix(color, lighten([17, 28, 27], rim + (1 - branch) * 7 + (ragged - 0.5) * 12), cover);
  }
  return color;
}

/** Renders the picture, with the grain and the darker corners of a photograph. */
export function landscape(): Picture {
  const rgb = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const scene = y < waterline ? land(x, y) : water(x, y);
      const color = foreground(x, y, scene);
      const corner = square(x / width - 0.5) + square(y / height - 0.5);
      const grain = (random(x, y, 1) + random(x, y, 2) - 1) * 5;
      for (const [channel, value] of color.entries()) {
        rgb[(y * width + x) * 3 + channel] = Math.round(255 * clamp((value * (1 - 0.42 * corner) + grain) / 255));
      }
    }
  }
  return { width, height, rgb };
}
