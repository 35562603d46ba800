/** Fonts that every PDF reader has, by their name in the content of a page. */
export type Font = 'Regular' | 'Bold' | 'Italic';

const baseFonts: Readonly<Record<Font, string>> = {
  Regular: 'Helvetica',
  Bold: 'Helvetica-Bold',
  Italic: 'Helvetica-Oblique',
};

/** What WinAnsiEncoding has beyond Latin-1. */
const winAnsi: Readonly<Record<string, number>> = {
  '€': 0x80,
  '„': 0x84,
  '’': 0x92,
  '“': 0x93,
  '”': 0x94,
  '•': 0x95,
  '–': 0x96,
};

function pdfString(text: string): string {
  const escaped = text.replaceAll(/[\\()]/g, String.raw`\$&`);
  return `(${escaped.replaceAll(/[^\0-\u00ff]/g, (character) => String.fromCharCode(winAnsi[character] ?? 0x3f))})`;
}

/** The drawing of one page. Lengths are points, from the lower left corner; a color is `rrggbb`. */
export class Page {
  readonly width = 595;
  readonly height = 842;
  #content = '';

  /** The page's operators, in WinAnsiEncoding. */
  get content(): Buffer {
    return Buffer.from(this.#content, 'latin1');
  }

  /** Lines of text, the first one with its base line at `y`. */
  text(x: number, y: number, size: number, color: string, text: string, font: Font = 'Regular'): this {
    const lines = text.split('\n').map((line) => `${pdfString(line)} Tj T*`);
    return this.#add(`BT /${font} ${size} Tf ${(size * 1.4).toFixed(1)} TL ${this.#color(color)} rg ${x} ${y} Td`, ...lines, 'ET');
  }

  rectangle(x: number, y: number, width: number, height: number, color: string): this {
    return this.#add(`${this.#color(color)} rg ${x} ${y} ${width} ${height} re f`);
  }

  /** Fills the polygon with these corners. */
  polygon(color: string, ...corners: readonly (readonly [x: number, y: number])[]): this {
    const path = corners.map(([x, y], index) => `${x} ${y} ${index === 0 ? 'm' : 'l'}`);
    return this.#add(`${this.#color(color)} rg`, ...path, 'h f');
  }

  line(fromX: number, fromY: number, toX: number, toY: number, width: number, color: string): this {
    return this.#add(`${this.#color(color)} RG ${width} w ${fromX} ${fromY} m ${toX} ${toY} l S`);
  }

  /** Fills a circle, as four Bézier curves. */
  circle(x: number, y: number, radius: number, color: string): this {
    const [r, k] = [radius, radius * 0.5523];
    const point = (dx: number, dy: number): string => `${(x + dx).toFixed(2)} ${(y + dy).toFixed(2)}`;
    return this.#add(
      `${this.#color(color)} rg ${point(r, 0)} m`,
      `${point(r, k)} ${point(k, r)} ${point(0, r)} c`,
      `${point(-k, r)} ${point(-r, k)} ${point(-r, 0)} c`,
      `${point(-r, -k)} ${point(-k, -r)} ${point(0, -r)} c`,
      `${point(k, -r)} ${point(r, -k)} ${point(r, 0)} c f`,
    );
  }

  /** Places the document's picture. */
  picture(x: number, y: number, width: number, height: number): this {
    return this.#add(`q ${width} 0 0 ${height} ${x} ${y} cm /Picture Do Q`);
  }

  #add(...operators: readonly string[]): this {
    this.#content += `${operators.join('\n')}\n`;
    return this;
  }

  #color(color: string): string {
    return [...Buffer.from(color, 'hex')].map((value) => (value / 255).toFixed(3)).join(' ');
  }
}

/** A baseline JPEG in three colors, and its size in pixels. */
export interface JpegPicture {
  readonly jpeg: Buffer;
  readonly width: number;
  readonly height: number;
}

/** Writes a PDF 1.4 document; the pages share one picture. Nothing in it depends on when it is made. */
export function pdf(title: string, language: string, pages: readonly Page[], picture: JpegPicture): Buffer {
  const objects: Buffer[] = [];
  /** Adds an object; its number is what others refer to it by. */
  const add = (dictionary: string, stream?: Buffer): string => {
    objects.push(
      stream === undefined
        ? Buffer.from(dictionary, 'latin1')
        : Buffer.concat([Buffer.from(`<< ${dictionary} /Length ${stream.length} >>\nstream\n`, 'latin1'), stream, Buffer.from('\nendstream')]),
    );
    return `${objects.length} 0 R`;
  };

  const image = add(
    `/Type /XObject /Subtype /Image /Width ${picture.width} /Height ${picture.height} /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode`,
    picture.jpeg,
  );
  const fonts = Object.entries(baseFonts).map(
    ([name, base]) => `/${name} ${add(`<< /Type /Font /Subtype /Type1 /BaseFont /${base} /Encoding /WinAnsiEncoding >>`)}`,
  );
  const resources = add(`<< /ProcSet [/PDF /Text /ImageC] /Font << ${fonts.join(' ')} >> /XObject << /Picture ${image} >> >>`);
  // The pages refer to the tree that lists them, which comes right after them and their contents.
  const tree = `${objects.length + pages.length * 2 + 1} 0 R`;
  const kids = pages.map((page) =>
    add(`<< /Type /Page /Parent ${tree} /MediaBox [0 0 ${page.width} ${page.height}] /Resources ${resources} /Contents ${add('', page.content)} >>`),
  );
  add(`<< /Type /Pages /Kids [${kids.join(' ')}] /Count ${pages.length} >>`);
  const catalog = add(`<< /Type /Catalog /Pages ${tree} /Lang (${language}) >>`);
  const info = add(`<< /Title ${pdfString(title)} /Producer (Asset Clients) >>`);

  // The comment of four bytes above 127 tells programs that copy the file that it is binary.
  const parts = [Buffer.from('%PDF-1.4\n%\u00e2\u00e3\u00cf\u00d3\n', 'latin1')];
  let length = parts[0]!.length;
  let references = '0000000000 65535 f \n';
  for (const [index, object] of objects.entries()) {
    const part = Buffer.concat([Buffer.from(`${index + 1} 0 obj\n`), object, Buffer.from('\nendobj\n')]);
    references += `${String(length).padStart(10, '0')} 00000 n \n`;
    parts.push(part);
    length += part.length;
  }
  const count = objects.length + 1;
  const trailer = `trailer\n<< /Size ${count} /Root ${catalog} /Info ${info} >>\nstartxref\n${length}\n%%EOF\n`;
  return Buffer.concat([...parts, Buffer.from(`xref\n0 ${count}\n${references}${trailer}`)]);
}
