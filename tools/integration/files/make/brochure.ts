import { type JpegPicture, Page, pdf } from './pdf.ts';

const ink = '24313f';
const navy = '1f3b5b';
const gold = 'e0a458';
const pale = 'eef2f6';
const gray = '6b7785';

/** The sign of the invented company: the sun behind two mountains. */
function sign(page: Page, x: number, y: number, size: number): void {
  const at = (dx: number, dy: number): [number, number] => [x + dx * size, y + dy * size];
  page.circle(...at(0.62, 0.58), size * 0.24, gold);
  page.polygon(navy, at(0, 0), at(0.38, 0.82), at(0.76, 0));
  page.polygon('4d7196', at(0.44, 0), at(0.72, 0.5), at(1, 0));
  page.polygon('ffffff', at(0.27, 0.58), at(0.38, 0.82), at(0.49, 0.58), at(0.42, 0.64), at(0.37, 0.57), at(0.32, 0.64));
}

function footer(page: Page, number: number): void {
  page.line(48, 52, 547, 52, 0.5, 'b8c2cc');
  page.text(48, 36, 8, gray, 'Musterblick Reisen GmbH • Uferstraße 1 • 00000 Musterstadt • hello@musterblick.example');
  page.text(532, 36, 8, gray, `${number} / 2`);
}

function cover(): Page {
  const page = new Page();
  page.picture(0, 445, 595, 397);
  page.rectangle(0, 437, 595, 8, gold);
  sign(page, 487, 355, 60);
  page.text(48, 382, 34, navy, 'Autumn at the lake', 'Bold');
  page.text(48, 354, 14, gray, 'Three quiet days between the mountains and the water', 'Italic');
  const english =
    'When the larches turn gold, the lake is at its most\nbeautiful: clear air, warm light and almost no one\n' +
    'else. Walk along the shore, row out in the morning\nmist, and warm yourself by the stove at night.\n\n' +
    'Breakfast comes in a basket to your door. All you\nneed to bring are good shoes and a book.';
  const german =
    'Wenn sich die Lärchen golden färben, ist der See\nam schönsten: klare Luft, warmes Licht und fast\n' +
    'niemand sonst. Gehen Sie am Ufer entlang, rudern\nSie im Morgennebel hinaus, und wärmen Sie sich\nabends am Ofen.\n\n' +
    'Das Frühstück kommt im Korb an die Tür. Sie\nbrauchen nur gute Schuhe und ein Buch.';
  page.text(48, 312, 9, gold, 'ENGLISH', 'Bold').text(48, 294, 10, ink, english);
  page.text(310, 312, 9, gold, 'DEUTSCH', 'Bold').text(310, 294, 10, ink, german);
  page.rectangle(48, 92, 499, 62, pale).rectangle(48, 92, 5, 62, gold);
  page.text(70, 128, 14, navy, 'Book before the first snow and save 15%', 'Bold');
  page.text(70, 108, 10, ink, 'Buchen Sie vor dem ersten Schnee und sparen Sie 15 %.');
  footer(page, 1);
  return page;
}

/** Three ways to stay: what is drawn above the text gets the lower left corner of its card. */
const stays: readonly {
  readonly name: string;
  readonly price: string;
  readonly text: string;
  readonly draw: (page: Page, x: number, y: number) => void;
}[] = [
  {
    name: 'Cabin',
    price: 'from €118',
    text: 'A stove, a bench in the\nsun and the whole lake\nbefore the window.',
    draw: (page, x, y) => {
      page.rectangle(x + 45, y, 62, 38, '8a5a3c').rectangle(x + 69, y, 15, 24, '4a2f20');
      page.rectangle(x + 92, y + 52, 8, 22, '5c4a42');
      page.polygon(navy, [x + 35, y + 38], [x + 76, y + 76], [x + 117, y + 38]);
    },
  },
  {
    name: 'Houseboat',
    price: 'from €142',
    text: 'Room for two, moored\nin the quiet bay; oars\nand blankets on board.',
    draw: (page, x, y) => {
      page.rectangle(x + 48, y + 26, 52, 28, 'ffffff').rectangle(x + 42, y + 54, 64, 5, gold);
      page.circle(x + 61, y + 41, 6, '4d7196').circle(x + 87, y + 41, 6, '4d7196');
      page.polygon('8a3b32', [x + 26, y + 26], [x + 128, y + 26], [x + 112, y + 6], [x + 40, y + 6]);
      page.rectangle(x + 12, y, 128, 6, '4d7196');
    },
  },
  {
    name: 'Tent',
    price: 'from €29',
    text: 'On the meadow behind\nthe firs, with a fireplace\nand a starry sky.',
    draw: (page, x, y) => {
      page.circle(x + 124, y + 66, 9, gold).circle(x + 120, y + 68, 8, pale);
      page.polygon('5f7f4f', [x + 22, y], [x + 76, y + 70], [x + 130, y]);
      page.polygon('2f4430', [x + 60, y], [x + 76, y + 40], [x + 92, y]);
    },
  },
];

const waterTemperatures: readonly (readonly [month: string, celsius: number])[] = [
  ['May', 12],
  ['Jun', 16],
  ['Jul', 20],
  ['Aug', 22],
  ['Sep', 19],
  ['Oct', 14],
];

function details(): Page {
  const page = new Page();
  page.rectangle(0, 762, 595, 80, navy);
  page.text(48, 803, 24, 'ffffff', 'Three ways to stay', 'Bold');
  page.text(48, 781, 11, 'd5dee8', 'Drei Arten zu übernachten: Hütte, Hausboot oder Zelt', 'Italic');
  for (const [index, stay] of stays.entries()) {
    const x = 48 + index * 173;
    page.rectangle(x, 530, 153, 204, pale).rectangle(x, 730, 153, 4, gold);
    stay.draw(page, x, 636);
    page.text(x + 14, 608, 14, navy, stay.name, 'Bold').text(x + 14, 590, 10, 'a8701f', stay.price, 'Bold');
    page.text(x + 14, 570, 10, ink, stay.text);
  }

  page.text(48, 490, 16, navy, 'How warm is the water?', 'Bold');
  page.text(48, 472, 10, gray, 'Average at noon, in degrees Celsius / Mittelwert am Mittag in °C');
  for (const degrees of [0, 5, 10, 15, 20]) {
    page.line(72, 290 + degrees * 7, 547, 290 + degrees * 7, 0.5, degrees === 0 ? gray : 'd5dbe1');
    page.text(degrees < 10 ? 60 : 55, 287 + degrees * 7, 8, gray, String(degrees));
  }
  for (const [index, [month, celsius]] of waterTemperatures.entries()) {
    const x = 96 + index * 76;
    page.rectangle(x, 290, 44, celsius * 7, celsius >= 18 ? gold : '4d7196');
    page.text(x + 16, 276 + celsius * 7, 10, celsius >= 18 ? ink : 'ffffff', String(celsius), 'Bold');
    page.text(x + 13, 276, 9, gray, month);
  }

  page.text(48, 232, 16, navy, 'Getting here', 'Bold');
  page.text(
    48,
    212,
    10,
    ink,
    'By train to Musterstadt, then 20 minutes on the lake bus.\nWe meet you at the landing stage; luggage goes by boat.\n\n' +
      'Mit dem Zug bis Musterstadt, dann 20 Minuten mit dem\nSeebus. Wir holen Sie an der Anlegestelle ab.',
  );
  page.picture(367, 112, 180, 120);
  page.text(367, 100, 7, gray, 'The lake at dusk / Der See in der Abenddämmerung', 'Italic');
  page.text(48, 84, 8, gray, 'An invented offer of an invented company. / Ein erfundenes Angebot eines erfundenen Unternehmens.');
  footer(page, 2);
  return page;
}

/** A brochure of two pages, with the photo on both. */
export function brochure(photo: JpegPicture): Buffer {
  return pdf('Autumn at the lake', 'en-US', [cover(), details()], photo);
}
