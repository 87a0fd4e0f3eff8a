// How a metric of a case went from run to run: values with their intervals, changes, the baseline, failures.

function historyChart(id, metric, series) {
  const title = `History of ${metric.name}`;
  if (!series) return nothing(title, historyAbsence(id, metric), true);
  const found = points(series);
  const known = Array.from(found.value).filter(Number.isFinite);
  if (!known.length) {
    return nothing(title, `${count(found.value.length, 'run')} in the history, and none has a value: the case failed in all of them.`, true);
  }
  const scale = axisOf(reachOf(known), metric);
  return chart({
    title,
    sentence: historySentence(series, found, known, metric),
    more: changeList(series, found, metric),
    isWide: true,
    height: 360,
    switches: [
      { key: 'x', label: 'Horizontal axis', choices: [['order', 'runs'], ['time', 'time']] },
      { key: 'y', label: 'Vertical axis', choices: [['fit', 'fit'], ['zero', 'from 0'], ['log', 'log']] },
    ],
    figure: (state) => historyFigure(series, found, metric, scale, state),
    numbers: () => historyNumbers(found, metric),
  });
}

function historyAbsence(id, metric) {
  if (!seriesOf.has(id)) return 'The history has no earlier value of this case: it is drawn from the second run on.';
  const names = [...new Set(seriesOf.get(id).map((one) => metricOf(one).name))];
  return `The history has nothing of ${metric.name} for this case on this machine; it has ${names.slice(0, 8).join(', ')}${names.length > 8 ? ', …' : ''}.`;
}

function historySentence(series, found, known, metric) {
  const failures = found.value.length - known.length;
  const parts = [
    `${count(series.all, 'point')}${whenOf(found.time)}${series.all > found.value.length ? `, ${found.value.length} of them drawn` : ''}`,
    known.length === 1 ? shown(known[0], metric) : `${extent(known).map((end) => shown(end, metric)).join(' to ')}, last ${shown(known[known.length - 1], metric)}`,
    series.changes ? count(series.changes.length, 'change') : known.length < 8 ? 'too few points to look for changes' : 'no change found',
  ];
  if (failures) parts.push(`${count(failures, 'failure')} without a value`);
  const [least, most] = nearEnds(known, false);
  if (found.low.some((low) => low < least) || found.high.some((high) => high > most)) parts.push('a bar without an end goes on beyond the frame');
  if (series.baseline) parts.push(`the baseline says ${shown(series.baseline[0], metric)}, ${span(series.baseline[1], series.baseline[2], metric)} is allowed`);
  return `${parts.join('; ')}.`;
}

function whenOf(time) {
  const [first, last] = [day(time[0]), day(time[time.length - 1])];
  return first === last ? ` of ${first}` : ` from ${first} to ${last}`;
}

function changeList(series, found, metric) {
  if (!series.changes) return [];
  const line = (one) => el('li', {}, `${one.kind === 'drift' ? 'Drift' : 'Step'} at ${moment(found.time[one.index])}`,
    found.revision[one.index] ? [' (', bdi(revision(found.revision[one.index])), ')'] : null,
    `: ${changeText(one, metric)}, ${sureness(one)}`);
  return [el('ul', { class: 'changes' }, series.changes.map(line))];
}

function historyNumbers(found, metric) {
  const rows = found.time.map((time, i) => [
    moment(time), { num: Number.isFinite(found.value[i]) ? shown(found.value[i], metric) : 'failed' },
    { num: span(found.low[i], found.high[i], metric) }, found.run[i] ?? 'imported', found.revision[i] ? revision(found.revision[i]) : NOTHING,
  ]);
  return { head: ['Time', { num: metric.name }, { num: 'Interval' }, 'Run', 'Revision'], rows: rows.reverse() };
}

function historyFigure(series, found, metric, [factor, unit], state) {
  const x = state.x === 'time' ? found.time : found.time.map((_, i) => i + 1);
  const by = (values) => Array.from(values, (v) => (Number.isFinite(v) && !(state.y === 'log' && v <= 0) ? v / factor : null));
  const y = by(found.value);
  const texts = found.time.map((time, i) => hover(
    Number.isFinite(found.value[i]) ? shown(found.value[i], metric) : 'failed: no value',
    Number.isFinite(found.low[i]) ? `interval ${span(found.low[i], found.high[i], metric)}` : '',
    found.run[i] ? `run ${found.run[i]}` : 'imported', found.revision[i] ? `revision ${revision(found.revision[i])}` : '', moment(time)));
  const areBars = y.length <= MOST_BARS;
  const isFew = y.length <= 150;
  const sizes = found.run.map((run) => (data.run && run === data.run.id ? 11 : isFew ? 6 : 4));
  const line = {
    type: 'scatter', mode: 'lines+markers', name: 'value', x, y, text: texts, hoverinfo: 'text', connectgaps: false,
    ...(areBars ? { error_y: barsOf(found, y, factor) } : {}),
    line: { color: colour('c1'), width: 1.6 }, marker: { color: colour('c1'), size: sizes, line: { color: colour('surface'), width: 1 } },
  };
  const traces = [areBars ? null : bandTrace(x, by(found.low), by(found.high)), line, failureTrace(x, y, texts), changeTrace(series, x, metric, factor, state)];
  const isLog = state.y === 'log';
  const values = y.filter((value) => value !== null);
  const range = values.length ? nearRange(values, [...by(found.low), ...by(found.high)], isLog, { fromZero: state.y === 'zero', also: marked(series, factor, isLog) }) : undefined;
  const title = `${plain(metric.name, 40)}${unit ? ` [${plain(unit, 20)}]` : ''}`;
  return {
    traces: traces.filter(Boolean),
    layout: {
      xaxis: axis(state.x === 'time' ? { type: 'date' } : { title: 'run, oldest first', tickformat: 'd', ...orderRange(x.length) }),
      yaxis: isLog ? logAxis(range ? range.map((end) => 10 ** end) : y, significant, { title, range }) : axis({ title, range }),
      ...historyMarks(series, found, x, metric, factor, state),
    },
  };
}

// What is drawn besides values and must be seen: the baseline with its band, and levels after changes.
function marked(series, factor, isLog) {
  const levels = [...(series.baseline ?? []), ...(series.changes ?? []).map((one) => one.after)];
  return levels.filter((level) => isNumber(level) && !(isLog && level <= 0)).map((level) => level / factor);
}

// Intervals of few points are bars: a point without neighbours has one too.
const MOST_BARS = 40;

function barsOf(found, y, factor) {
  const reach = (ends) => Array.from(ends, (end, i) => (Number.isFinite(end) && y[i] !== null ? Math.abs(end - found.value[i]) / factor : 0));
  return { type: 'data', symmetric: false, array: reach(found.high), arrayminus: reach(found.low), color: colour('c1'), thickness: 1.2, width: 4 };
}

// Few runs stand apart, and their places are whole numbers.
function orderRange(length) {
  return length <= 12 ? { dtick: 1, range: [0.5, length + 0.5] } : {};
}
