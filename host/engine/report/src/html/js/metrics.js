// All metrics of a case with their verdicts; one of them is what the charts below are about.

function metricsTable(id, one, chosen) {
  const told = one.measurements.filter((m) => m.summary);
  if (!told.length) {
    const reason = one.class === 'skipped' ? 'Nothing was measured: the case was skipped.' : 'No metric has a value: a case that ended so has no speed.';
    return section('metrics', 'Metrics', el('p', { class: 'muted' }, reason), targetsOf(one));
  }
  const rows = told.map((m) => {
    const [metric, s] = [metricOf(m), m.summary];
    const judged = judgedFor(id, metric.name);
    const isChosen = metric.name === chosen?.name;
    return el('tr', { class: isChosen ? 'chosen' : null },
      el('th', { scope: 'row' }, el('a', { href: caseAddress(id, metric.name), 'aria-current': isChosen ? 'true' : null }, bdi(metric.name)), targetOf(one, metric.name)),
      el('td', { class: 'num' }, shown(s.median, metric)),
      el('td', { class: 'num' }, isNumber(s.low) ? span(s.low, s.high, metric) : el('span', { class: 'muted' }, 'too few samples')),
      el('td', { class: 'num' }, String(s.n)),
      el('td', { class: 'num' }, judged ? shown(judged.reference, metric) : NOTHING),
      el('td', { class: `num ${verdictTone(judged)}` }, changeCell(judged)),
      el('td', {}, verdictPill(judged)),
      el('td', { class: 'why' }, judged ? [visible(reasonOf(judged, id, metric)), ' (rule ', bdi(judged.rule), ', ', bdi(judged.place), ')'] : 'no rule speaks of it'));
  });
  const confidence = told.map((m) => m.summary.confidence).find(isNumber);
  const heads = ['Metric', ['Median'], [confidence ? `${significant(100 * confidence)} % interval` : 'Interval'], ['n'], ['Reference'], ['Change'], 'Verdict', 'Why'];
  return section('metrics', 'Metrics',
    el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Metrics' },
      el('table', { class: 'metrics' }, el('caption', { class: 'unseen' }, 'Metrics; the name of each shows its charts'),
        el('thead', {}, el('tr', {}, heads.map((h) => el('th', { scope: 'col', class: Array.isArray(h) ? 'num' : null }, Array.isArray(h) ? h[0] : h)))), el('tbody', {}, rows))));
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
