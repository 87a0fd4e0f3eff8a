// The numbers of a chart as a table, made when somebody opens it.

const MOST_ROWS = 1000;

function numbersOf(title, numbers) {
  const box = el('div', {});
  const fill = (event) => {
    if (!event.currentTarget.open || box.firstChild) return;
    const { head, rows } = numbers();
    const shown = rows.slice(0, MOST_ROWS);
    box.append(table({ head, rows: shown, caption: `Numbers: ${visible(title)}` }));
    if (rows.length > shown.length) box.append(el('p', { class: 'small muted' }, `The first ${shown.length} of ${rows.length} rows.`));
  };
  return el('details', { ontoggle: fill }, el('summary', {}, 'Numbers as a table'), box);
}
