/** First line of every XML file here. */
export const xmlDeclaration = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** Text as it stands in XML, in an element or in a quoted attribute. */
export function xmlText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
