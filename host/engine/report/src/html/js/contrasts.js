// Benchmarks that the suite sets against each other: both times, their ratio, and what both have besides.

const CONTRAST_TONES = { faster: 'good', slower: 'bad', equivalent: 'even', inconclusive: 'warn' };
const CONTRAST_MARKS = { faster: '▲', slower: '▼', equivalent: '=', inconclusive: '?' };

const MOST_PAIRS = 200;

function contrasts() {
  return data.contrasts.map((one, i) => section(`contrast-${i + 1}`, [bdi(one.benchmark), ' against ', bdi(one.against)], contrastSaid(one), contrastTable(one), contrastRemarks(one)));
}

function contrastSaid(one) {
  const by = one.differ_in.length ? ['They differ in ', bdi(one.differ_in.join(', ')), '. '] : null;
  return el('p', { class: 'muted small' }, by, 'Ratio: ', bdi(one.benchmark), ' by ', bdi(one.against), one.confidence ? `, confidence ${one.confidence}` : null, '. Less than 1 is faster.');
}

function contrastTable(one) {
  // Metrics that any row has, the time first.
  const metrics = [...new Set(one.pairs.flatMap((pair) => pair.both.slice(1).map(([metric]) => metric)))];
  const head = ['Case', { num: visible(one.against) }, { num: visible(one.benchmark) }, { num: 'Ratio' }, { num: 'Interval' }, 'Verdict', ...metrics.map((metric) => ({ num: visible(data.metrics[metric].name) }))];
  return table({ head, rows: one.pairs.slice(0, MOST_PAIRS).map((pair) => contrastRow(pair, metrics)), caption: `${one.benchmark} against ${one.against}` });
}

function contrastRow(pair, metrics) {
  const id = data.ids[pair.case];
  const metric = data.metrics[pair.metric];
  const name = caseOf.has(id) ? el('a', { href: caseAddress(id, metric.name) }, caseName(id)) : caseName(id);
  const values = new Map(pair.both.map(([of, baseline, candidate]) => [of, [shown(baseline, data.metrics[of]), shown(candidate, data.metrics[of])]]));
  const [there, here] = pair.both.length && data.metrics[pair.both[0][0]].name === metric.name ? values.get(pair.both[0][0]) : [NOTHING, NOTHING];
  const beside = metrics.map((of) => ({ num: values.has(of) ? values.get(of).join(' → ') : NOTHING }));
  return [name, { num: there }, { num: here }, { num: pair.ratio ?? NOTHING }, { num: pair.interval ?? NOTHING }, contrastVerdict(pair), ...beside];
}

function contrastVerdict(pair) {
  const word = pair.verdict ?? 'no ratio';
  const tone = CONTRAST_TONES[pair.verdict] ?? (pair.fails ? 'bad' : 'warn');
  const flags = pair.verdict && pair.flags.length ? el('div', { class: 'small muted' }, pair.flags.join(', ')) : null;
  const why = pair.reason ? el('div', { class: 'small muted reason' }, coded(pair.reason)) : null;
  return el('div', {}, el('span', { class: `pill ${tone}` }, el('span', { 'aria-hidden': 'true' }, CONTRAST_MARKS[pair.verdict] ?? '✕'), el('span', {}, word)), why, flags);
}

function contrastRemarks(one) {
  const remarks = [...new Set(one.pairs.flatMap((pair) => pair.remarks))];
  const more = one.pairs.length - MOST_PAIRS;
  return [more > 0 ? el('p', { class: 'small muted' }, `… and ${count(more, 'more case')}: in run.json and report.md.`) : null, ...remarks.map((remark) => el('p', { class: 'small warn-text' }, coded(remark)))];
}
