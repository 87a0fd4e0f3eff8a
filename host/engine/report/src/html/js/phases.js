// Where the time goes: the phases inside an iteration, and the parts of a worker's life.

const PHASE = 'time.';

function phaseChart(one) {
  const title = 'Phases of an iteration';
  const of = (name) => one.measurements.find((m) => metricOf(m).name === name && m.summary);
  const phases = one.measurements.filter((m) => metricOf(m).name.startsWith(PHASE) && m.summary && metricOf(m).unit === 'ns' && isNumber(m.summary.median));
  if (!phases.length) {
    return nothing(title, one.class === 'ok' ? 'No phases were recorded: iterations are timed as a whole.' : 'No phase was measured: the case has no speed.');
  }
  const parts = phases.map((m) => [metricOf(m).name.slice(PHASE.length), m.summary.median]);
  const whole = of('time')?.summary.median;
  const sum = parts.reduce((total, [, value]) => total + value, 0);
  const rest = isNumber(whole) ? whole - sum : 0;
  const isCovered = rest <= 0.005 * (whole ?? sum);
  if (!isCovered) parts.push(['outside of phases', rest]);
  const total = isCovered ? sum : whole;
  const share = (value) => percent(value / total);
  const largest = [...parts].sort((a, b) => b[1] - a[1])[0];
  const overlap = isNumber(whole) && sum > 1.02 * whole ? ` Phases together take ${shown(sum, { unit: 'ns' })}, more than the iteration: they nest or overlap.` : '';
  return stackedChart({
    title,
    sentence: `Medians; ${visible(largest[0])} takes most, ${share(largest[1])} of ${shown(total, { unit: 'ns' })}.${overlap}`,
    rows: [['iteration', parts]],
    numbers: () => ({ head: ['Phase', { num: 'Median' }, { num: 'Share' }], rows: parts.map(([name, value]) => [name, { num: shown(value, { unit: 'ns' }) }, { num: share(value) }]) }),
  });
}

function lifeChart(one) {
  const title = 'Life of the workers';
  const parts = one.life.filter((part) => part.values.some((value) => value > 0));
  if (!parts.length) {
    const reason = one.class === 'skipped' ? 'No worker got as far as a first word: the case was skipped.' : 'How long the parts of the workers’ lives took was not recorded.';
    return nothing(title, reason);
  }
  const rows = one.repetitions.map((r, i) => [`rep. ${r.index + 1}`, parts.map((part) => [part.name, part.values[i]])]);
  const sums = rows.map(([, of]) => of.reduce((total, [, value]) => total + value, 0));
  const measured = one.life.find((part) => part.name === 'measure').values.reduce((a, b) => a + b, 0);
  const total = sums.reduce((a, b) => a + b, 0);
  return stackedChart({
    title,
    sentence: `From spawn to the last sample, ${count(rows.length, 'worker')} took ${shown(total, { unit: 'ns' })} together; ${measured ? percent(measured / total) : 'nothing'} of it was spent on samples.`,
    rows: rows.slice(0, 40),
    numbers: () => ({
      head: ['Part', ...rows.slice(0, 20).map(([name]) => ({ num: name }))],
      rows: parts.map((part) => [part.name, ...part.values.slice(0, 20).map((value) => ({ num: shown(value, { unit: 'ns' }) }))]),
    }),
  });
}

// Bars of parts on top of one another. `rows`: [name, [[part, ns]]].
function stackedChart({ title, sentence, rows, numbers }) {
  const names = [...new Set(rows.flatMap(([, parts]) => parts.map(([name]) => name)))];
  const most = Math.max(...rows.map(([, parts]) => parts.reduce((total, [, value]) => total + value, 0)));
  const [factor, unit] = scaled(most, 'ns');
  const patterns = ['', '/', '\\', 'x', '-', '|', '+', '.'];
  const figure = () => ({
    traces: names.map((name, i) => {
      const values = rows.map(([, parts]) => parts.find(([known]) => known === name)?.[1] ?? 0);
      return {
        type: 'bar', orientation: 'h', name: plain(name, 24), y: rows.map(([row]) => row), x: values.map((value) => value / factor),
        text: values.map((value) => hover(name, shown(value, { unit: 'ns' }))), textposition: 'none', hoverinfo: 'text',
        marker: { color: hue(i), line: { color: colour('surface'), width: 1 }, pattern: { shape: i >= HUES.length ? patterns[1 + (i % 7)] : '' } },
      };
    }),
    layout: {
      barmode: 'stack', bargap: rows.length > 1 ? 0.25 : 0.4, showlegend: true, legend: { orientation: 'h', x: 0, y: 1.02, yanchor: 'bottom', font: { size: 11 }, traceorder: 'normal' },
      xaxis: axis({ title: `time [${unit}]` }), yaxis: axis({ autorange: 'reversed', showgrid: false }),
    },
  });
  return chart({ title, sentence, figure, height: Math.min(520, 150 + 24 * rows.length + (innerWidth < 700 ? 16 : 8) * names.length), numbers });
}
