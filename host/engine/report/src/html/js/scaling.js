// How a metric grows with workers or with a size, and the laws that were fitted.

const LINES = { ideal: ['muted', 'dot'], Amdahl: ['c2', 'dash'], USL: ['c3', 'solid'], 'power law': ['c2', 'dash'], 'law of the larger sizes': ['c3', 'solid'] };

function curvesOf(one) {
  return data.curves.filter((curve) => curve.benchmark === one.benchmark && curve.workload === `${one.plugin}/${one.workload}`);
}

function scalingCharts(one) {
  const curves = curvesOf(one);
  if (!curves.length) {
    return [nothing('Scaling', 'No axis of this benchmark has enough levels for a curve: vary threads, instances or a size in its suite, three values or more.')];
  }
  return curves.map((curve) => scalingChart(one, curve, apart(curves, curve)));
}

// The held parameters that curves which would be called the same do not have in common.
function apart(curves, curve) {
  const name = (other) => `${other.is_workers ? '' : other.metric.name} by ${other.key}`;
  const alike = curves.filter((other) => name(other) === name(curve)).map((other) => other.held.split('&'));
  return curve.held.split('&').filter((pair) => pair && !alike.every((held) => held.includes(pair))).join(', ');
}

function scalingChart(one, curve, differs) {
  const title = `${curve.is_workers ? 'Speed-up' : curve.metric.name} by ${curve.key}${differs ? ` (${differs})` : ''}`;
  const held = curve.held.replaceAll('&', ' · ');
  const laws = curve.laws.map(([name, sentence]) => el('p', {}, el('b', {}, `${name}: `), visible(sentence)));
  const doubts = curve.doubts.map((doubt) => el('p', { class: 'warn-text' }, `Doubt: ${visible(doubt)}`));
  const more = [...laws, ...doubts, held ? el('p', { class: 'small' }, 'Held: ', bdi(held)) : null].filter(Boolean);
  if (curve.levels.length < 2) {
    return nothing(title, `There are not two levels to draw${curve.growth ? ` (${curve.growth})` : ''}.`, false, el('figcaption', {}, more));
  }
  return chart({
    title, sentence: scalingSentence(curve), more, height: 330,
    figure: () => (curve.is_workers ? workersFigure(one, curve) : sizesFigure(one, curve)),
    numbers: () => scalingNumbers(curve),
  });
}

function scalingSentence(curve) {
  const [first, last] = [curve.levels[0], curve.levels[curve.levels.length - 1]];
  if (!curve.is_workers) {
    return `${curve.metric.name} goes from ${shown(first.median, curve.metric)} at ${visible(curve.key)} = ${significant(first.at)} to ${shown(last.median, curve.metric)} at ${significant(last.at)}; both axes are logarithmic.`;
  }
  const best = curve.levels.reduce((a, b) => (b.value > a.value ? b : a));
  return `${curve.growth}. The largest speed-up is ${significant(best.value)} at ${visible(curve.key)} = ${significant(best.at)}, an efficiency of ${percent(best.efficiency)}.`;
}

// Whether a level of a curve is what the case itself measured.
function isOwn(one, curve, level) {
  const own = one.params.find(([name]) => name === curve.key);
  return own !== undefined && Number.parseFloat(own[1]) === level.at;
}

function levelTrace(one, curve, factor) {
  const levels = curve.levels;
  const y = levels.map((level) => level.value / factor);
  const reach = (end) => levels.map((level) => (isNumber(level[end]) ? Math.abs(level[end] - level.value) / factor : 0));
  const text = levels.map((level) => hover(
    `${curve.key} = ${significant(level.at)}`, `${curve.metric.name} ${shown(level.median, curve.metric)}`,
    curve.is_workers ? `speed-up ${significant(level.value)}, efficiency ${percent(level.efficiency)}` : '',
    isNumber(level.cpus) ? `${significant(level.cpus)} CPUs used` : '', `${count(level.repetitions, 'repetition')}`));
  return {
    type: 'scatter', mode: 'markers', name: 'measured', x: levels.map((level) => level.at), y, text, hoverinfo: 'text',
    error_y: { type: 'data', symmetric: false, array: reach('high'), arrayminus: reach('low'), color: colour('c1'), thickness: 1.3, width: 4 },
    marker: { color: colour('c1'), size: levels.map((level) => (isOwn(one, curve, level) ? 13 : 8)), symbol: levels.map((level) => (isOwn(one, curve, level) ? 'star' : 'circle')), line: { color: colour('surface'), width: 1 } },
  };
}

function lineTraces(curve, factor) {
  return curve.lines.map((line) => {
    const [tone, dash] = LINES[line.name] ?? ['c4', 'solid'];
    return { type: 'scatter', mode: 'lines', name: line.name, x: line.x, y: line.y.map((v) => (v === null ? null : v / factor)), line: { color: colour(tone), dash, width: 1.7 }, hovertemplate: `${line.name}: %{y:.3g} at %{x:.3g}<extra></extra>` };
  });
}

function workersFigure(one, curve) {
  const levels = curve.levels.filter((level) => isNumber(level.at));
  const [first, last] = [levels[0].at, levels[levels.length - 1].at];
  const values = levels.map((level) => level.value);
  // The ideal would press what was measured to the floor, and so would an interval that is far too wide.
  const range = nearRange(values, levels.flatMap((level) => [level.low, level.high]), false, { fromZero: true });
  const room = 0.06 * (last - first);
  return {
    traces: [...lineTraces(curve, 1), levelTrace(one, curve, 1)],
    layout: {
      showlegend: true, xaxis: axis({ title: plain(curve.key, 40), range: [first - room, last + room], ...spacedTicks(levels.map((level) => level.at), false) }),
      yaxis: axis({ title: 'speed-up', range }),
    },
  };
}

// Ticks at measured sizes, as far as their labels have room.
function spacedTicks(sizes, isLog) {
  const place = (size) => (isLog ? Math.log(size) : size);
  const sorted = [...sizes].sort((a, b) => a - b);
  const room = (place(sorted[sorted.length - 1]) - place(sorted[0])) / 14;
  const kept = [];
  for (const size of sorted) if (!kept.length || place(size) - place(kept[kept.length - 1]) >= room) kept.push(size);
  return { tickvals: kept, ticktext: kept.map(significant) };
}

function sizesFigure(one, curve) {
  const [factor, unit] = axisOf(Math.max(...curve.levels.map((level) => Math.abs(level.value))), curve.metric);
  const by = (value) => (isNumber(value) && value > 0 ? value / factor : null);
  const range = nearRange(curve.levels.map((level) => by(level.value)).filter(isNumber), curve.levels.flatMap((level) => [by(level.low), by(level.high)]), true);
  return {
    traces: [...lineTraces(curve, factor), levelTrace(one, curve, factor)],
    layout: {
      showlegend: true,
      xaxis: axis({ title: plain(curve.key, 40), type: 'log', ...spacedTicks(curve.levels.map((level) => level.at), true) }),
      yaxis: logAxis(range.map((end) => 10 ** end), significant, { title: titled(curve.metric, unit), range }),
    },
  };
}

function scalingNumbers(curve) {
  const { metric } = curve;
  const rows = curve.levels.map((level) => (curve.is_workers
    ? [significant(level.at), { num: shown(level.median, metric) }, { num: significant(level.value) }, { num: isNumber(level.low) ? `${significant(level.low)} – ${significant(level.high)}` : NOTHING }, { num: percent(level.efficiency) }, { num: isNumber(level.cpus) ? significant(level.cpus) : NOTHING }]
    : [significant(level.at), { num: shown(level.median, metric) }, { num: span(level.low, level.high, metric) }]));
  const head = curve.is_workers ? [curve.key, metric.name, 'Speed-up', 'Interval', 'Efficiency', 'CPUs used'] : [curve.key, metric.name, 'Interval'];
  return { head: head.map((name, i) => (i ? { num: name } : name)), rows };
}
