// All metrics of a case with their verdicts; one of them is what the charts below are about.

function metricsTable(id, one, chosen) {
  const told = one.measurements.filter((m) => m.summary);
  if (!told.length) {
    const reason = one.class === 'skipped' ? 'Nothing was measured: the case was skipped.' : 'No metric has a value: a case that ended so has no speed.';
    return section('metrics', 'Metrics', el('p', { class: 'muted' }, reason), targetsOf(one));
  }
  const confidence = told.map((m) => m.summary.confidence).find(isNumber);
  const heads = ['Metric', 'Median', confidence ? `${significant(100 * confidence)} % interval` : 'Interval', 'n', 'Reference', 'Change', 'Verdict', 'Why'];
  const isNum = (i) => i > 0 && i < 6;
  // Narrow screens lay rows out as cards, in which each number says what it is; roles keep them a table.
  const cell = (i, content, tone = '') => el('td', { class: `num ${tone}`, role: 'cell', 'data-label': heads[i] }, content);
  const rows = told.map((m) => {
    const [metric, s] = [metricOf(m), m.summary];
    const judged = judgedFor(id, metric.name);
    const isChosen = metric.name === chosen?.name;
    return el('tr', { class: isChosen ? 'chosen' : null, role: 'row' },
      el('th', { scope: 'row', role: 'rowheader' }, el('a', { href: caseAddress(id, metric.name), 'aria-current': isChosen ? 'true' : null }, bdi(metric.name)), targetOf(one, metric.name)),
      cell(1, shown(s.median, metric)),
      cell(2, intervalOf(s, metric), 'interval'),
      cell(3, String(s.n)),
      cell(4, judged ? shown(judged.reference, metric) : NOTHING),
      cell(5, changeCell(judged), verdictTone(judged)),
      el('td', { class: 'verdict', role: 'cell' }, verdictPill(judged)),
      el('td', { class: 'why', role: 'cell' }, judged ? [visible(reasonOf(judged, id, metric)), ' (rule ', bdi(judged.rule), ', ', bdi(judged.place), ')'] : 'no rule speaks of it'));
  });
  return section('metrics', 'Metrics',
    el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Metrics' },
      el('table', { class: 'metrics', role: 'table' }, el('caption', { class: 'unseen' }, 'Metrics; the name of each shows its charts'),
        el('thead', { role: 'rowgroup' }, el('tr', { role: 'row' }, heads.map((head, i) => el('th', { scope: 'col', role: 'columnheader', class: isNum(i) ? 'num' : null }, head)))), el('tbody', { role: 'rowgroup' }, rows))));
}

// An interval that may break between its ends, and nowhere else.
function intervalOf(s, metric) {
  if (!isNumber(s.low) || !isNumber(s.high)) return el('span', { class: 'muted' }, 'too few samples');
  return [el('span', {}, `${shown(s.low, metric)} –`), el('wbr'), ' ', el('span', {}, shown(s.high, metric))];
}

// The sentence without what the page says already.
function reasonOf(judged, id, metric) {
  const known = `${metric.name} of ${id}: `;
  return judged.sentence.startsWith(known) ? judged.sentence.slice(known.length) : judged.sentence;
}

function targetOf(one, name) {
  const found = one.targets.find(([target]) => target === name);
  return found ? el('div', { class: 'small muted' }, 'target ', bdi(found[1])) : null;
}

function targetsOf(one) {
  if (!one.targets.length) return null;
  return el('p', { class: 'small muted' }, `Targets: ${one.targets.map(([name, bound]) => `${name} ${bound}`).join('; ')}.`);
}

function factsOf(one) {
  const rows = one.params.map(([name, value]) => [name, bdi(value)]);
  if (one.work) {
    const { items, item, flop, bytes: moved } = one.work;
    if (items) rows.push([`${item || 'items'} of an iteration`, significant(items)]);
    if (flop) rows.push(['operations of an iteration', counted(flop, 'FLOP')]);
    if (moved) rows.push(['bytes of an iteration', quantity(moved, 'B')]);
  }
  rows.unshift(['benchmark', bdi(one.benchmark)]);
  return el('div', { class: 'card' }, el('h2', {}, 'Parameters'), el('dl', { class: 'plain' }, rows.map(([name, value]) => [el('dt', {}, bdi(name)), el('dd', {}, value)])));
}

function flagsOf(one) {
  if (!one.flags.length) return el('div', { class: 'card' }, el('h2', {}, 'Flags'), el('p', { class: 'muted' }, 'Nothing makes the numbers doubtful.'));
  return el('div', { class: 'card' }, el('h2', {}, 'Flags'), el('ul', { class: 'list' }, one.flags.map(([word, message]) => el('li', {}, el('span', { class: 'pill warn' }, '⚑ ', word), ' ', visible(message)))));
}
