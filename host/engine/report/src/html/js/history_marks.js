// What is drawn over and under the line of a history.

const MOST_LABELS = 6;

// Stretches of intervals as closed shapes: a gap in the values is a gap in the band.
function bandTrace(x, low, high) {
  const [xs, ys] = [[], []];
  let from = null;
  const close = (to) => {
    if (from === null) return;
    for (let i = from; i < to; i++) { xs.push(x[i]); ys.push(high[i]); }
    for (let i = to - 1; i >= from; i--) { xs.push(x[i]); ys.push(low[i]); }
    xs.push(null); ys.push(null);
    from = null;
  };
  for (let i = 0; i < x.length; i++) {
    if (low[i] === null || high[i] === null) close(i);
    else if (from === null) from = i;
  }
  close(x.length);
  if (!xs.length) return null;
  return { type: 'scatter', mode: 'lines', name: 'interval', x: xs, y: ys, fill: 'toself', fillcolor: colour('band'), line: { width: 0 }, hoverinfo: 'skip' };
}

function failureTrace(x, y, texts) {
  const failed = y.map((value, i) => (value === null ? i : -1)).filter((i) => i >= 0);
  if (!failed.length) return null;
  const [least] = extent(y);
  return {
    type: 'scatter', mode: 'markers', name: 'failed', x: failed.map((i) => x[i]), y: failed.map(() => least), text: failed.map((i) => texts[i]),
    hoverinfo: 'text', marker: { symbol: 'x', size: 9, color: colour('bad') },
  };
}

const relative = (one) => (one.before ? (one.after - one.before) / Math.abs(one.before) : null);
const changeText = (one, metric) => `${shown(one.before, metric)} → ${shown(one.after, metric)}${isNumber(relative(one)) ? ` (${change(relative(one))})` : ''}`;

// How sure a change is. A probability is never 1.
function sureness(one) {
  if (!isNumber(one.confidence)) return 'confidence not known';
  return one.confidence > 0.9999 ? 'more than 99.99 % sure' : `${(100 * one.confidence).toFixed(one.confidence > 0.99 ? 2 : 1)} % sure`;
}

function toneOf(one, metric) {
  const isUp = one.after > one.before;
  if (metric.direction === 'neither') return 'info';
  return isUp === (metric.direction === 'higher') ? 'good' : 'bad';
}

function changeTrace(series, x, metric, factor, state) {
  const found = (series.changes ?? []).filter((one) => isNumber(one.after) && !(state.y === 'log' && one.after <= 0));
  if (!found.length) return null;
  return {
    type: 'scatter', mode: 'markers', name: 'change', x: found.map((one) => x[one.index]), y: found.map((one) => one.after / factor),
    text: found.map((one) => hover(`${one.kind}: ${changeText(one, metric)}`, sureness(one))), hoverinfo: 'text',
    marker: { symbol: 'diamond', size: 11, color: found.map((one) => colour(toneOf(one, metric))), line: { color: colour('surface'), width: 1.5 } },
  };
}

// The baseline's band, and a line with a label at each change; of many changes the largest are labelled.
function historyMarks(series, found, x, metric, factor, state) {
  const isNarrow = innerWidth < 700;
  const shapes = [];
  const annotations = [];
  if (series.baseline && !(state.y === 'log' && series.baseline[1] <= 0)) {
    const [value, low, high] = series.baseline.map((one) => one / factor);
    const across = { xref: 'paper', x0: 0, x1: 1, yref: 'y', layer: 'below' };
    shapes.push({ type: 'rect', ...across, y0: low, y1: high, fillcolor: colour('base'), line: { width: 0 } });
    shapes.push({ type: 'line', ...across, y0: value, y1: value, line: { color: colour('c3'), width: 1.2, dash: 'dash' } });
    annotations.push({
      xref: 'paper', x: 1, xanchor: 'right', yref: 'y', y: state.y === 'log' ? Math.log10(value) : value, yanchor: 'bottom',
      text: 'baseline', showarrow: false, font: { size: 11, color: colour('good') },
    });
  }
  const changes = (series.changes ?? []).filter((one) => isNumber(one.before) && isNumber(one.after));
  const size = (one) => Math.abs(relative(one) ?? 0);
  const labelled = new Set([...changes].sort((a, b) => size(b) - size(a)).slice(0, isNarrow ? 3 : MOST_LABELS));
  let row = 0;
  for (const one of changes) {
    const tone = colour(toneOf(one, metric));
    shapes.push({ type: 'line', xref: 'x', x0: x[one.index], x1: x[one.index], yref: 'paper', y0: 0, y1: 1, line: { color: tone, width: 1.2, dash: 'dot' } });
    if (!labelled.has(one)) continue;
    const isLate = one.index > found.time.length / 2;
    const text = isNarrow ? change(relative(one)) : `${changeText(one, metric)}, ${sureness(one)}`;
    annotations.push({
      xref: 'x', x: x[one.index], xanchor: isLate ? 'right' : 'left', yref: 'paper', y: 1 - 0.085 * (row++ % 3), yanchor: 'top',
      text: plain(text, 80), showarrow: false, font: { size: 11, color: tone }, bgcolor: colour('surface'), borderpad: 2,
    });
  }
  return { shapes, annotations };
}
