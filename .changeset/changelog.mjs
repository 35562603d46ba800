// How a changeset becomes lines of a package's CHANGELOG.md: the words of the changeset and nothing else.

/** A changeset's text as an entry: its first line, and what follows below it. */
async function getReleaseLine({ summary }) {
  const [first = '', ...rest] = summary.trim().split('\n');
  const below = rest.map((line) => (line.trim() === '' ? '' : `  ${line}`)).join('\n');
  return `- ${first}${below === '' ? '' : `\n${below}`}`;
}

/** Packages of this repository that came along, in one line. */
async function getDependencyReleaseLine(_changesets, updated) {
  if (updated.length === 0) return '';
  return `- Uses ${updated.map(({ name, newVersion }) => `${name} ${newVersion}`).join(', ')}.`;
}

export default { getReleaseLine, getDependencyReleaseLine };
