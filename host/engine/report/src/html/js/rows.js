// Rows of the list: each metric of each case of the run, cases without any, and series that only the history has.

const ALL_METRICS = '*';
const workloadOf = (id) => id.split('?')[0];

function makeRows() {
  const rows = [];
  const taken = new Set();
  const key = (id, metric, machine) => JSON.stringify([id, metric.name, metric.unit, machine]);
  for (const one of data.cases) {
    const id = data.ids[one.id];
    const main = mainMeasurement(one) ?? one.measurements[0];
    // What has no value is judged too, and a case without any metric is judged once.
    for (const m of one.measurements) {
      const metric = metricOf(m);
      taken.add(key(id, metric, here));
      rows.push(row({ id, one, metric, isMain: m === main, value: m.summary?.median, low: m.summary?.low, high: m.summary?.high, judged: judgedFor(id, metric.name) }));
    }
    if (!one.measurements.length) rows.push(row({ id, one, metric: null, isMain: true, judged: (judgedOf.get(id) ?? [])[0] }));
  }
  const past = data.series.filter((s) => !taken.has(key(data.ids[s.case], metricOf(s), data.machines[s.machine])));
  for (const group of grouped(past, (s) => `${s.case} ${s.machine}`).values()) {
    const main = group.find((s) => metricOf(s).name === 'time') ?? group[0];
    for (const s of group) {
      const id = data.ids[s.case];
      // A case of the run without this metric has its row already, and is not shown twice when each case has one.
      const isMain = s === main && !(isHere(s) && caseOf.has(id));
      rows.push(row({ id, one: null, metric: metricOf(s), isMain, value: latest(s), series: s, away: here !== null && !isHere(s) ? 'other machine' : 'history only' }));
    }
  }
  return rows;
}

function row({ id, one, metric, isMain, value = NaN, low = null, high = null, judged = null, series = null, away = null }) {
  const all = judgedOf.get(id) ?? [];
  // The list of verdicts begins with the worst.
  const isAsBad = judged && all.length && judged.rank === all[0].rank;
  const worst = away || !isMain || isAsBad ? judged : all[0] ?? judged;
  return {
    id, one, metric, isMain, value: value ?? NaN, low, high, judged, worst, away,
    machine: series ? data.machines[series.machine] : here, workload: workloadOf(id), outcome: away ?? one.outcome,
    text: `${id} ${metric ? metric.name : ''} ${one ? one.benchmark : ''}`.toLowerCase(),
  };
}

// The verdict that a row shows: of a case, as long as each has one row, the worst of its metrics.
const verdictOf = (row, wanted) => (row.isMain && !wanted.metric ? row.worst : row.judged);

// Its word. What was not run in this run is neither judged nor not judged.
function verdictWord(row, wanted) {
  const verdict = verdictOf(row, wanted);
  if (verdict) return verdict.verdict;
  return row.away || row.one.class === 'skipped' ? '' : 'not judged';
}

const FILTERS = { verdict: verdictWord, outcome: (row) => row.outcome, workload: (row) => row.workload };

// Whether the list has the row at all, before any filter.
const isListed = (row, { metric }) => metric === ALL_METRICS || (metric ? row.metric?.name === metric : row.isMain);

// What is looked for, as the address and the controls say it: the rows, of how many, and for each value of a filter
// how many rows it would leave beside the other filters.
function filtered(rows, wanted) {
  const keys = Object.keys(FILTERS);
  const words = (wanted.q ?? '').toLowerCase().split(/\s+/);
  const counts = Object.fromEntries(keys.map((key) => [key, new Map()]));
  const found = [];
  let all = 0;
  for (const row of rows) {
    if (!isListed(row, wanted)) continue;
    all += 1;
    if (!words.every((word) => row.text.includes(word))) continue;
    const values = keys.map((key) => FILTERS[key](row, wanted));
    const missed = keys.filter((key, i) => wanted[key] && values[i] !== wanted[key]);
    if (!missed.length) found.push(row);
    keys.forEach((key, i) => {
      if (missed.every((other) => other === key)) counts[key].set(values[i], (counts[key].get(values[i]) ?? 0) + 1);
    });
  }
  return { found, all, counts };
}

// By column; equal rows stay in the order of the run. Values of different units are not compared: units come first.
const LAST = 99;
const ORDERS = {
  case: (row) => [row.id],
  metric: (row) => [row.metric?.name ?? '\uffff', row.id],
  value: (row) => [row.metric?.unit ?? '\uffff', Number.isFinite(row.value) ? row.value : Infinity],
  change: (row) => [row.judged?.effect ?? 0],
  verdict: (row) => [row.worst?.rank ?? LAST, -Math.abs(row.worst?.effect ?? 0)],
  outcome: (row) => [{ wrong: 0, failed: 0, skipped: 2, ok: 3 }[row.one?.class] ?? 4, row.outcome],
};

function compared(a, b) {
  for (let i = 0; i < a.length; i++) {
    if (a[i] === b[i]) continue;
    return typeof a[i] === 'string' ? (a[i] < b[i] ? -1 : 1) : a[i] - b[i];
  }
  return 0;
}

function sorted(rows, column, isDown) {
  const order = ORDERS[column];
  if (!order) return rows;
  const keyed = rows.map((row) => [order(row), row]);
  // What has no value comes last, whichever way.
  const isNothing = (row) => (column === 'change' && (!isNumber(row.judged?.effect) || isTarget(row.judged))) || (column === 'value' && !Number.isFinite(row.value));
  keyed.sort(([a, x], [b, y]) => isNothing(x) - isNothing(y) || (isDown ? compared(b, a) : compared(a, b)));
  return keyed.map(([, row]) => row);
}
