import { xmlDeclaration, xmlText } from './xml.ts';
import { zip } from './zip.ts';

type Language = 'en-US' | 'de-DE';

const wordNamespace = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main';
const packageNamespace = 'http://schemas.openxmlformats.org/package/2006';
const documentNamespace = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const wordType = 'application/vnd.openxmlformats-officedocument.wordprocessingml';

function paragraph(text: string, language: Language, style = 'Normal'): string {
  return (
    `<w:p><w:pPr><w:pStyle w:val="${style}"/></w:pPr>` +
    `<w:r><w:rPr><w:lang w:val="${language}"/></w:rPr><w:t xml:space="preserve">${xmlText(text)}</w:t></w:r></w:p>`
  );
}

/** A table over the whole width; its first row is the heading. */
function table(widths: readonly number[], rows: readonly (readonly string[])[]): string {
  const grid = widths.map((width) => `<w:gridCol w:w="${width}"/>`).join('');
  const lines = rows.map((cells, row) => {
    const heading = row === 0;
    const shade = heading ? '<w:shd w:val="clear" w:color="auto" w:fill="DCE6EE"/>' : '';
    const content = cells.map(
      (text, column) =>
        `<w:tc><w:tcPr><w:tcW w:w="${widths[column]}" w:type="dxa"/>${shade}</w:tcPr>` +
        `${paragraph(text, column === 1 ? 'de-DE' : 'en-US', heading ? 'TableHeading' : 'TableText')}</w:tc>`,
    );
    return `<w:tr>${heading ? '<w:trPr><w:tblHeader/></w:trPr>' : ''}${content.join('')}</w:tr>`;
  });
  const width = widths.reduce((sum, each) => sum + each, 0);
  return (
    `<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:w="${width}" w:type="dxa"/>` +
    `<w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>${grid}</w:tblGrid>${lines.join('')}</w:tbl>`
  );
}

const body = [
  paragraph('Agreement on the use of images', 'en-US', 'Title'),
  paragraph('Vertrag über die Nutzung von Bildern', 'de-DE', 'Subtitle'),
  paragraph('1. Parties', 'en-US', 'Heading1'),
  paragraph(
    'This agreement is made between Musterblick Reisen GmbH (“the licensor”) and Example Company Ltd. (“the licensee”). ' +
      'Both are invented; the document only serves to try out a transfer.',
    'en-US',
  ),
  paragraph('2. Subject', 'en-US', 'Heading1'),
  paragraph(
    'The licensor grants the licensee the right to use the photograph “photo.jpg” in the brochure “brochure.pdf”, ' +
      'in print and online, in every language into which the campaign is translated.',
    'en-US',
  ),
  paragraph('1. Vertragsparteien', 'de-DE', 'Heading1'),
  paragraph(
    'Dieser Vertrag wird zwischen der Musterblick Reisen GmbH („Lizenzgeberin“) und der Example Company Ltd. ' +
      '(„Lizenznehmerin“) geschlossen. Beide sind frei erfunden; das Dokument dient nur dazu, eine Übertragung zu prüfen.',
    'de-DE',
  ),
  paragraph('2. Gegenstand', 'de-DE', 'Heading1'),
  paragraph(
    'Die Lizenzgeberin räumt der Lizenznehmerin das Recht ein, die Fotografie „photo.jpg“ in der Broschüre ' +
      '„brochure.pdf“ gedruckt und online zu verwenden, in allen Sprachen, in die die Kampagne übersetzt wird. ' +
      'Änderungen, die über Größe und Ausschnitt hinausgehen, bedürfen der schriftlichen Zustimmung.',
    'de-DE',
  ),
  paragraph('3. Fees / Vergütung', 'en-US', 'Heading1'),
  table(
    [3400, 3800, 1872],
    [
      ['Use', 'Nutzung', 'EUR'],
      ['Printed brochure, 10,000 copies', 'Gedruckte Broschüre, Auflage 10.000', '450.00'],
      ['Website and newsletter', 'Website und Rundschreiben', '300.00'],
      ['Posters in public transport', 'Plakate in öffentlichen Verkehrsmitteln', '280.00'],
      ['Total', 'Gesamtvergütung', '1,030.00'],
    ],
  ),
  paragraph('4. Signatures / Unterschriften', 'en-US', 'Heading1'),
  paragraph('For the licensor / für die Lizenzgeberin: ______________________', 'en-US'),
  paragraph('For the licensee / für die Lizenznehmerin: ______________________', 'en-US'),
  '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1417" w:right="1417" w:bottom="1134" w:left="1417" ' +
    'w:header="708" w:footer="708" w:gutter="0"/></w:sectPr>',
].join('\n');

/** A paragraph style; `run` is the properties of its text, size in half points. */
function style(id: string, name: string, spacing: string, run: string, next = 'Normal'): string {
  return (
    `<w:style w:type="paragraph" ${id === 'Normal' ? 'w:default="1" ' : ''}w:styleId="${id}"><w:name w:val="${name}"/>` +
    (id === 'Normal' ? '' : `<w:basedOn w:val="Normal"/><w:next w:val="${next}"/>`) +
    `<w:qFormat/><w:pPr>${spacing}</w:pPr><w:rPr>${run}</w:rPr></w:style>`
  );
}

const borders = ['top', 'left', 'bottom', 'right', 'insideH', 'insideV']
  .map((side) => `<w:${side} w:val="single" w:sz="4" w:space="0" w:color="7F8FA0"/>`)
  .join('');

const styles = [
  '<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Calibri" w:hAnsi="Calibri" w:cs="Calibri"/>' +
    '<w:sz w:val="22"/><w:lang w:val="en-US"/></w:rPr></w:rPrDefault></w:docDefaults>',
  style('Normal', 'Normal', '<w:spacing w:after="120" w:line="264" w:lineRule="auto"/>', ''),
  style('Title', 'Title', '<w:spacing w:after="40"/>', '<w:b/><w:color w:val="1F3B5B"/><w:sz w:val="44"/>', 'Subtitle'),
  style('Subtitle', 'Subtitle', '<w:spacing w:after="240"/>', '<w:color w:val="5A6B7C"/><w:sz w:val="28"/>'),
  style(
    'Heading1',
    'heading 1',
    '<w:keepNext/><w:spacing w:before="240" w:after="80"/><w:outlineLvl w:val="0"/>',
    '<w:b/><w:color w:val="1F3B5B"/><w:sz w:val="28"/>',
  ),
  style('TableText', 'Table Text', '<w:spacing w:before="40" w:after="40"/>', '', 'TableText'),
  style('TableHeading', 'Table Heading', '<w:spacing w:before="40" w:after="40"/>', '<w:b/>', 'TableText'),
  '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/></w:style>',
  '<w:style w:type="table" w:styleId="TableGrid"><w:name w:val="Table Grid"/><w:basedOn w:val="TableNormal"/>' +
    `<w:tblPr><w:tblBorders>${borders}</w:tblBorders></w:tblPr></w:style>`,
].join('\n');

const relationships = (...targets: readonly (readonly [type: string, target: string])[]): string =>
  `${xmlDeclaration}<Relationships xmlns="${packageNamespace}/relationships">` +
  targets.map(([type, target], index) => `<Relationship Id="rId${index + 1}" Type="${type}" Target="${target}"/>`).join('') +
  '</Relationships>\n';

/** A contract in English and German, as Office Open XML (DOCX). */
export function contract(): Buffer {
  return zip({
    '[Content_Types].xml':
      `${xmlDeclaration}<Types xmlns="${packageNamespace}/content-types">` +
      '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>' +
      `<Override PartName="/word/document.xml" ContentType="${wordType}.document.main+xml"/>` +
      `<Override PartName="/word/styles.xml" ContentType="${wordType}.styles+xml"/>` +
      '<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>' +
      '</Types>\n',
    '_rels/.rels': relationships(
      [`${documentNamespace}/officeDocument`, 'word/document.xml'],
      [`${packageNamespace}/relationships/metadata/core-properties`, 'docProps/core.xml'],
    ),
    'docProps/core.xml':
      `${xmlDeclaration}<cp:coreProperties xmlns:cp="${packageNamespace}/metadata/core-properties" ` +
      'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Agreement on the use of images</dc:title>' +
      '<dc:creator>Asset Clients</dc:creator><dc:language>en-US</dc:language></cp:coreProperties>\n',
    'word/_rels/document.xml.rels': relationships([`${documentNamespace}/styles`, 'styles.xml']),
    'word/document.xml': `${xmlDeclaration}<w:document xmlns:w="${wordNamespace}"><w:body>\n${body}\n</w:body></w:document>\n`,
    'word/styles.xml': `${xmlDeclaration}<w:styles xmlns:w="${wordNamespace}">\n${styles}\n</w:styles>\n`,
  });
}
