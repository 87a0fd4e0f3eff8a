// Samples of a metric: how they are spread, by repetition, and how they came one after the other.

const HUES = ['c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7'];
const hue = (i) => colour(HUES[i % HUES.length]);

// More repetitions are one box together.
const MOST_BOXES = 12;

function sampleCharts(one, measurement) {
  const metric = metricOf(measurement);
  const samples = measurement.samples;
  const titles = [`Distribution of ${metric.name}`, `${metric.name}, sample by sample`];
  if (!samples) {
    const reason = measurement.summary
      ? `The ${count(measurement.summary.n, 'sample')} are not in this page, for want of room or because the store dropped them; the table above sums them up.`
      : 'No sample was taken.';
    return titles.map((title) => nothing(title, reason));
  }
  const groups = repetitionsOf(samples);
  if (samples.all < 3) {
    const values = groups.flatMap((group) => group.values).map((value) => shown(value, metric));
    return [nothing(titles[0], `Only ${count(samples.all, 'sample')}: ${values.join(', ')}. That is no distribution.`), nothing(titles[1], 'Too few samples for a picture of their order.')];
  }
  const aside = metric.name === 'time' ? one.repetitions.flatMap((r) => (r.set_aside ? Array.from(floats(r.set_aside)) : [])) : [];
  return [spreadChart(titles[0], metric, measurement, groups, aside), orderChart(titles[1], metric, measurement, groups)];
}

function samplesSentence(metric, { summary, samples }, groups, aside) {
  const parts = [`${count(samples.all, 'sample')} of ${count(groups.length, 'repetition')}`];
  if (samples.every > 1) parts[0] += `, 1 of ${samples.every} drawn`;
  if (summary) {
    parts.push(`median ${shown(summary.median, metric)}`, `spread (scaled MAD) ${shown(summary.mad, metric)}`, `${shown(summary.min, metric)} to ${shown(summary.max, metric)}`);
    parts.push(summary.outliers ? `${summary.outliers} far from the median` : 'none far from the median');
  }
  if (aside.length) parts.push(`${count(aside.length, 'sample')} set aside, taken beside another program on the same core`);
  return `${parts.join('; ')}. Dashed: the median; shaded: its interval.`;
}

function spreadChart(title, metric, measurement, groups, aside) {
  const all = groups.flatMap((group) => group.values);
  const [factor, unit] = axisOf(reachOf(all), metric);
  const switches = [{ key: 'form', label: 'Form', choices: [['bars', 'histogram'], ['ecdf', 'share below']] }];
  return chart({
    title,
    sentence: samplesSentence(metric, measurement, groups, aside),
    switches,
    height: 340,
    figure: (state) => (state.form === 'ecdf' ? ecdf : bars)(metric, measurement, groups, aside, factor, unit),
    numbers: () => quantileNumbers(metric, measurement),
  });
}

const titled = (metric, unit) => `${plain(metric.name, 40)}${unit ? ` [${plain(unit, 20)}]` : ''}`;

function medianMarks({ summary }, factor, from) {
  if (!summary || !isNumber(summary.median)) return [];
  const line = { type: 'line', xref: 'x', x0: summary.median / factor, x1: summary.median / factor, yref: 'paper', y0: 0, y1: 1, line: { color: colour('text'), width: 1.5, dash: 'dash' } };
  if (!isNumber(summary.low)) return [line];
  return [line, { type: 'rect', xref: 'x', x0: summary.low / factor, x1: summary.high / factor, yref: 'paper', y0: from, y1: 1, fillcolor: colour('band'), line: { width: 0 }, layer: 'below' }];
}

// Bins after Freedman and Diaconis, which a few wild values do not widen; at most 80.
function binsOf(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (q) => sorted[Math.floor(q * (sorted.length - 1))];
  const [least, most] = [sorted[0], sorted[sorted.length - 1]];
  const width = Math.max((2 * (at(0.75) - at(0.25))) / Math.cbrt(sorted.length), (most - least) / 80);
  const size = width > 0 ? width : Math.abs(least) * 0.01 || 1;
  return { start: least, end: most + size, size };
}

// From the smallest to the largest: a wide interval of the median must not press them together.
function rangeOf(values, factor) {
  const [least, most] = extent(values).map((end) => end / factor);
  const room = 0.04 * (most - least) || Math.abs(least) * 0.05 || 1;
  return [least - room, most + room];
}

function bars(metric, measurement, groups, aside, factor, unit) {
  const all = groups.flatMap((group) => group.values.map((v) => v / factor));
  const xbins = binsOf(all);
  const traces = [{ type: 'histogram', name: 'samples', x: all, xbins, autobinx: false, marker: { color: colour('c1'), line: { color: colour('surface'), width: 1 } }, hovertemplate: '%{x}: %{y} samples<extra></extra>' }];
  if (aside.length) {
    traces.push({ type: 'histogram', name: 'set aside', x: aside.map((v) => v / factor), xbins: { ...xbins, start: null, end: null }, autobinx: false, opacity: 0.75, marker: { color: colour('c2'), pattern: { shape: '/', fgcolor: colour('surface') } }, hovertemplate: '%{x}: %{y} set aside<extra></extra>' });
  }
  const boxes = groups.length <= MOST_BOXES ? groups.map((g) => [`rep. ${g.index + 1}`, g.values]) : [['all', groups.flatMap((g) => g.values)]];
  boxes.forEach(([name, values], i) => traces.push({
    type: 'box', name, x: values.map((v) => v / factor), yaxis: 'y2', orientation: 'h', boxpoints: 'outliers', marker: { color: hue(i), size: 3 }, line: { width: 1.3 }, showlegend: false, hoverinfo: 'x',
  }));
  return {
    traces,
    layout: {
      barmode: 'overlay', bargap: 0.02, showlegend: aside.length > 0,
      xaxis: axis({ title: titled(metric, unit), anchor: 'y2', range: rangeOf([...groups.flatMap((g) => g.values), ...aside], factor) }),
      yaxis: axis({ title: 'samples', domain: [0.42, 1] }),
      yaxis2: axis({ domain: [0, 0.36], autorange: 'reversed', showgrid: false }),
      shapes: medianMarks(measurement, factor, 0.42),
    },
  };
}

function ecdf(metric, measurement, groups, aside, factor, unit) {
  const step = (name, values, look) => {
    const sorted = values.map((v) => v / factor).sort((a, b) => a - b);
    return { type: 'scatter', mode: 'lines', name, x: sorted, y: sorted.map((_, i) => (100 * (i + 1)) / sorted.length), line: { shape: 'hv', ...look }, hovertemplate: `%{y:.0f} % below %{x}<extra>${name}</extra>` };
  };
  const traces = groups.slice(0, 40).map((g, i) => step(`rep. ${g.index + 1}`, g.values, { color: hue(i), width: 1.5 }));
  if (aside.length) traces.push(step('set aside', aside, { color: colour('muted'), width: 1.2, dash: 'dot' }));
  return {
    traces,
    layout: {
      showlegend: traces.length > 1 && traces.length <= MOST_BOXES,
      xaxis: axis({ title: titled(metric, unit), range: rangeOf([...groups.flatMap((g) => g.values), ...aside], factor) }), yaxis: axis({ title: '% of the samples', range: [0, 101] }), shapes: medianMarks(measurement, factor, 0),
    },
  };
}

function quantileNumbers(metric, { summary }) {
  if (!summary) return { head: ['Statistic', { num: metric.name }], rows: [] };
  const rows = [['samples', summary.n], ['repetitions', summary.repetitions]].map(([name, n]) => [name, { num: String(n) }]);
  const told = [['smallest', summary.min], ['median', summary.median], ['mean', summary.mean], ['largest', summary.max], ['MAD, scaled', summary.mad], ['standard deviation', summary.sd]];
  rows.push(...told.map(([name, value]) => [name, { num: shown(value, metric) }]));
  const quantile = ([q, value, missing]) => [`p${significant(100 * q)}`, { num: isNumber(value) ? shown(value, metric) : `needs ${missing} more samples` }];
  return { head: ['Statistic', { num: metric.name }], rows: rows.concat(summary.quantiles.map(quantile)) };
}

function orderChart(title, metric, measurement, groups) {
  const all = groups.flatMap((group) => group.values);
  const [factor, unit] = axisOf(reachOf(all), metric);
  const figure = () => {
    let from = 0;
    const traces = groups.map((group, i) => {
      const x = group.values.map((_, k) => from + k + 1);
      from += group.values.length;
      return {
        type: 'scatter', mode: 'markers', name: `repetition ${group.index + 1}`, x, y: group.values.map((v) => v / factor),
        text: group.values.map((v, k) => hover(shown(v, metric), `repetition ${group.index + 1}, sample ${k * measurement.samples.every + 1}`)), hoverinfo: 'text',
        marker: { color: hue(i), size: all.length > 600 ? 3 : 5, symbol: i % 2 ? 'diamond' : 'circle' },
      };
    });
    return { traces, layout: { xaxis: axis({ title: 'sample, in the order of the repetitions' }), yaxis: axis({ title: titled(metric, unit) }) } };
  };
  const medians = groups.map((g) => [...g.values].sort((a, b) => a - b)[Math.floor(g.values.length / 2)]);
  const sentence = groups.length > 1
    ? `Each point is a sample, each colour a repetition, which is a process of its own; their medians lie between ${extent(medians).map((end) => shown(end, metric)).join(' and ')}.`
    : 'Each point is a sample. A slope or a step means that the times moved while they were measured.';
  const numbers = () => ({
    head: ['Repetition', { num: 'Samples here' }, { num: 'Median' }, { num: 'Smallest' }, { num: 'Largest' }],
    rows: groups.map((g, i) => [`repetition ${g.index + 1}`, { num: String(g.values.length) }, { num: shown(medians[i], metric) }, ...extent(g.values).map((end) => ({ num: shown(end, metric) }))]),
  });
  return chart({ title, sentence, figure, height: 340, numbers });
}
