// The page of a case, of the run or of the history alone.

function casePage({ case: id, metric: name, machine }) {
  const one = machine && machine !== here ? null : caseOf.get(id);
  const series = seriesOf.get(id) ?? [];
  if (!one && !series.length) return unknownCase(id);
  return el('article', { 'aria-labelledby': 'case-title' }, crumbs(id), one ? ofRun(id, one, name) : ofHistory(id, series, name, machine));
}

function unknownCase(id) {
  return el('article', { 'aria-labelledby': 'case-title' }, crumbs(id), el('h1', { id: 'case-title' }, caseName(id)), el('p', { class: 'muted' }, 'Neither the run nor the history in this page has such a case.'));
}

// Back to the list, and to the neighbours in it.
function crumbs(id) {
  const ids = [...new Set(list.found.map((row) => row.id))];
  const at = ids.indexOf(id);
  const step = (to, text) => (ids[to] === undefined || at < 0 ? null : el('a', { href: caseAddress(ids[to]) }, text));
  return el('nav', { class: 'crumbs', 'aria-label': 'Where this is' }, el('a', { href: address(list.wanted) === '#' ? '#cases' : address(list.wanted), id: 'back' }, '← All cases'), el('span', { class: 'push' }), step(at - 1, '← previous'), step(at + 1, 'next →'));
}

function ofRun(id, one, name) {
  const main = mainMeasurement(one);
  const chosen = one.measurements.find((m) => metricOf(m).name === name) ?? main;
  const worst = (judgedOf.get(id) ?? [])[0];
  return [
    el('h1', { id: 'case-title' }, caseName(id)),
    el('div', { class: 'case-head' }, outcomePill(one), worst ? verdictPill(worst) : null, worst && !['failed', 'wrong'].includes(worst.verdict) ? el('span', { class: 'muted small' }, 'worst of its verdicts: ', bdi(metricOf(worst).name)) : null),
    el('p', { class: 'id small mono' }, bdi(id)),
    evidence(one),
    el('div', { class: 'grid section' }, factsOf(one), flagsOf(one), recommendations(data.recommendations.filter((r) => r.cases.includes(id)), id)),
    metricsTable(id, one, chosen ? metricOf(chosen) : null),
    searchTable(one),
    chartsOf(id, one, chosen, name),
    workers(one),
    section('differences', 'Machine and code, compared with the run before', differencesBox()),
  ];
}

function chartsOf(id, one, chosen, name) {
  const told = one.measurements.filter((m) => m.summary);
  const failedMetric = seriesOf.get(id)?.filter(isHere) ?? [];
  const metric = chosen ? metricOf(chosen) : metricOf(failedMetric.find((s) => metricOf(s).name === (name ?? 'time')) ?? failedMetric[0] ?? { metric: 0 });
  const own = (seriesOf.get(id) ?? []).find((s) => isHere(s) && metric && metricOf(s).name === metric.name);
  const others = (seriesOf.get(id) ?? []).filter((s) => !isHere(s) && metric && metricOf(s).name === metric.name);
  const pick = told.length > 1 ? el('label', {}, 'of ', el('select', { id: 'metric', 'aria-label': 'Metric of the charts', onchange: (event) => { location.hash = caseAddress(id, event.target.value); } },
    told.map((m) => el('option', { value: metricOf(m).name, selected: m === chosen }, visible(metricOf(m).name))))) : null;
  const elsewhere = others.length ? el('p', { class: 'small muted' }, 'The history has it of other machines too: ', others.map((s, i) => [i ? ', ' : '', el('a', { href: caseAddress(id, metric.name, data.machines[s.machine]) }, bdi(data.machines[s.machine] || 'unknown'))]), '.') : null;
  const samples = chosen ? sampleCharts(one, chosen) : [nothing('Samples', one.class === 'skipped' ? 'The case was skipped: there are no samples.' : 'A case that ended so has no samples that count.', true)];
  return el('section', { class: 'section', 'aria-labelledby': 'charts-title' },
    el('div', { class: 'choose' }, el('h2', { id: 'charts-title' }, 'Charts'), pick), elsewhere,
    el('div', { class: 'charts' },
      metric ? historyChart(id, metric, own) : nothing('History', 'The history has nothing of this case yet.', true),
      samples, picturesFirst([phaseChart(one), lifeChart(one), ...scalingCharts(one), rooflineChart(one), ...traceCharts(one)])));
}

// What has nothing to draw comes after what has.
function picturesFirst(boxes) {
  const isBare = (box) => box.classList.contains('bare');
  return [...boxes.filter((box) => !isBare(box)), ...boxes.filter(isBare)];
}

// A case of which only the history knows, or of another machine.
function ofHistory(id, series, name, machine) {
  const of = machine === undefined ? series : series.filter((s) => data.machines[s.machine] === machine);
  const chosen = of.filter((s) => !name || metricOf(s).name === name);
  const told = (chosen.length ? chosen : of).slice(0, 12);
  const machines = [...new Set(of.map((s) => data.machines[s.machine]))];
  const links = [...new Set(of.map((s) => metricOf(s).name))].map((metric) => el('li', {}, el('a', { href: caseAddress(id, metric, machine) }, bdi(metric))));
  const away = here !== null && machines.every((one) => one !== here) ? 'other machine' : 'history only';
  return [
    el('h1', { id: 'case-title' }, caseName(id)),
    el('div', { class: 'case-head' }, pill(away), el('span', { class: 'muted small' }, data.run ? 'not measured in this run' : 'imported'), el('span', { class: 'muted small' }, 'machine: ', machines.map((one, i) => [i ? ', ' : '', bdi(one || 'unknown', { class: 'mono' })]))),
    el('p', { class: 'id small mono' }, bdi(id)),
    links.length > 1 ? el('div', {}, el('ul', { class: 'chips', 'aria-label': 'Metrics' }, el('li', { class: 'muted small' }, 'Metrics:'), links)) : null,
    section('charts', 'Charts', el('div', { class: 'charts' }, told.map((s) => historyChart(id, metricOf(s), s)))),
    of.length > told.length && !name ? el('p', { class: 'muted small' }, `The first ${told.length} of ${of.length} series are drawn.`) : null,
  ];
}
