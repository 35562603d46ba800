/** What is changed in TypeDoc's pages: what search engines read, and tables that fit on a phone. */

/** What still is a line of a table, in characters: a row's text, and its longest words side by side. On every screen, and on a phone. */
const LINE = { text: 300, words: 100 };
const LINE_ON_PHONES = { text: 45, words: 34 };

/** Tells search engines what a page is about, and which address it has. */
export function withHead(html: string, { title, description, canonical }: { title?: string; description: string; canonical?: string }): string {
  const head = html
    .replace(/<meta name="description" content="[^"]*"\/>/, () => `<meta name="description" content="${escape(description)}"/>`)
    .replace(/<title>[\s\S]*?<\/title>/, (own) => (title === undefined ? own : `<title>${escape(title)}</title>`));
  if (canonical === undefined || head.includes('<link rel="canonical"')) return head;
  return head.replace('</title>', `</title><link rel="canonical" href="${escape(canonical)}"/>`);
}

/** Names that begin with a small letter stay in one piece: TypeDoc lets lines end where a capital follows. */
export function withWholeNames(html: string): string {
  return html.replaceAll(/\be<wbr\/?>Gain/g, 'eGain');
}

/** Gives each cell the heading of its column, so that rows with much text can be shown as cards. */
export function withCards(html: string): string {
  return html.replaceAll(/<table>([\s\S]*?)<\/table>/g, (whole, inner: string) => {
    const headings = [...inner.matchAll(/<th\b[^>]*>([\s\S]*?)<\/th>/g)].map(([, heading]) => textOf(heading!));
    const rows = [...inner.matchAll(/<tr>([\s\S]*?)<\/tr>/g)].map(([, row]) => row!.split(/<\/t[hd]>/).map(textOf));
    const text = Math.max(...rows.map((cells) => cells.join(' ').length));
    const words = headings.reduce((sum, _heading, column) => sum + 3 + Math.max(...rows.map((cells) => longestWord(cells[column] ?? ''))), 0);
    const fits = (line: typeof LINE): boolean => text <= line.text && words <= line.words;
    if (headings.length < 2 || fits(LINE_ON_PHONES)) return whole;
    const body = inner.replaceAll(/<tr>([\s\S]*?)<\/tr>/g, (_row, cells: string) => {
      let column = 0;
      return `<tr role="row">${cells.replaceAll(/<td\b([^>]*)>/g, (_cell, attributes: string) => {
        const heading = headings[column++] ?? '';
        return `<td${attributes} role="cell"${heading === '' ? '' : ` data-label="${heading.replaceAll('"', '&quot;')}"`}>`;
      })}</tr>`;
    });
    return `<table role="table" class="${fits(LINE) ? 'cards-on-phones' : 'cards'}">${body}</table>`;
  });
}

function longestWord(text: string): number {
  return Math.max(...text.split(/\s/).map(({ length }) => length));
}

function textOf(html: string): string {
  return html
    .replaceAll(/<[^>]+>/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
