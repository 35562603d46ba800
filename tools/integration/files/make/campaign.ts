import { xmlDeclaration, xmlText } from './xml.ts';

interface Unit {
  readonly id: string;
  readonly note: string;
  /** In both texts `*…*` is bold and `{…}` a placeholder that stays as it is. */
  readonly source: string;
  readonly target: string;
}

const units: readonly Unit[] = [
  {
    id: 'headline',
    note: 'Headline of the brochure; at most 30 characters.',
    source: 'Autumn at the lake',
    target: 'Herbst am See',
  },
  {
    id: 'claim',
    note: 'Below the headline.',
    source: 'Three quiet days between the mountains and the water',
    target: 'Drei ruhige Tage zwischen Bergen und Wasser',
  },
  {
    id: 'intro',
    note: 'First paragraph.',
    source: 'When the larches turn gold, the lake is at its most beautiful: clear air, warm light and almost no one else.',
    target: 'Wenn sich die Lärchen golden färben, ist der See am schönsten: klare Luft, warmes Licht und fast niemand sonst.',
  },
  {
    id: 'stay.cabin',
    note: 'Name of an offer, and its price.',
    source: 'Cabin with a stove & a view, from {price} per night',
    target: 'Hütte mit Ofen & Aussicht, ab {price} pro Nacht',
  },
  {
    id: 'stay.boat',
    note: 'Name of an offer, and its price.',
    source: 'Houseboat for two, from {price} per night',
    target: 'Hausboot für zwei, ab {price} pro Nacht',
  },
  {
    id: 'offer',
    note: 'The part in bold is printed in color.',
    source: 'Book before the first snow and *save 15%*.',
    target: 'Buchen Sie vor dem ersten Schnee und *sparen Sie 15 %*.',
  },
  {
    id: 'button',
    note: 'Text of a button; at most 20 characters.',
    source: 'Book now',
    target: 'Jetzt buchen',
  },
  {
    id: 'legal',
    note: 'Small print.',
    source: 'Offer subject to availability. Prices include value-added tax.',
    target: 'Angebot nach Verfügbarkeit. Alle Preise einschließlich Mehrwertsteuer.',
  },
];

/** Text with XLIFF's inline elements. */
function inline(text: string): string {
  return xmlText(text)
    .replaceAll(/\*(.+?)\*/g, '<g id="1" ctype="bold">$1</g>')
    .replaceAll(/\{(\w+)\}/g, '<ph id="1">{$1}</ph>');
}

/**
 * The campaign's texts as XLIFF 1.2, from American English to German.
 *
 * @param translated - With the German text; else each unit still has to be translated.
 */
export function campaign(translated: boolean): Buffer {
  const lines: string[] = [];
  for (const { id, note, source, target } of units) {
    lines.push(`      <trans-unit id="${id}" xml:space="preserve">`, `        <source>${inline(source)}</source>`);
    if (translated) lines.push(`        <target state="translated">${inline(target)}</target>`);
    lines.push(`        <note>${xmlText(note)}</note>`, '      </trans-unit>');
  }
  return Buffer.from(`${xmlDeclaration}<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2">
  <file original="brochure.pdf" datatype="plaintext" source-language="en-US" target-language="de-DE">
    <body>
${lines.join('\n')}
    </body>
  </file>
</xliff>
`);
}
