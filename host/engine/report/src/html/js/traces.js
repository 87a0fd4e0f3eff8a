// Memory, power and other levels while samples were taken; and what is known where nobody looked often enough.

// Fewer looks are no course of time.
const FEWEST_LOOKS = 2;

// More readings are folded.
const MOST_OPEN = 8;

function traceCharts(one) {
  const all = one.repetitions.flatMap((r) => (r.traces ?? []).map((trace) => ({ ...trace, index: r.index, time: floats(trace.time), value: floats(trace.value) })));
  const groups = [...grouped(all, (trace) => `${trace.name} ${trace.unit}`).values()];
  const drawn = groups.filter((group) => group.some((trace) => trace.value.length >= FEWEST_LOOKS));
  return [...drawn.map(traceChart), knownLevels(one, drawn)];
}

function traceChart(group) {
  const { name, unit } = group[0];
  const metric = { name, unit, kind: unit === '1' ? 'ratio' : '' };
  const lines = group.filter((trace) => trace.value.length >= FEWEST_LOOKS);
  const values = lines.flatMap((trace) => Array.from(trace.value));
  const [factor, shownUnit] = axisOf(reachOf(values), metric);
  const figure = () => ({
    traces: lines.map((trace, i) => ({
      type: 'scatter', mode: 'lines+markers', name: `rep. ${trace.index + 1}`, x: Array.from(trace.time), y: Array.from(trace.value, (v) => v / factor),
      text: Array.from(trace.value, (v, k) => hover(shown(v, metric), `${significant(trace.time[k])} s, repetition ${trace.index + 1}`)), hoverinfo: 'text',
      line: { color: hue(i), width: 1.5 }, marker: { size: 3 },
    })),
    layout: { showlegend: lines.length > 1 && lines.length <= MOST_BOXES, xaxis: axis({ title: 'time since the first look [s]' }), yaxis: axis({ title: titled(metric, shownUnit) }) },
  });
  return chart({
    title: `${name} over time`, height: 300, figure,
    sentence: `${count(values.length, 'look')} in ${count(lines.length, 'repetition')}: ${extent(values).map((end) => shown(end, metric)).join(' to ')}.`,
    numbers: () => ({
      head: ['Repetition', { num: 'Time' }, { num: name }],
      rows: lines.flatMap((trace) => Array.from(trace.value, (v, k) => [`repetition ${trace.index + 1}`, { num: `${significant(trace.time[k])} s` }, { num: shown(v, metric) }])),
    }),
  });
}

// Peak, before and after of each repetition, and what the probes read.
function knownLevels(one, drawn) {
  const title = drawn.length ? 'Resources of the workers' : 'Memory and power';
  const repetitions = one.repetitions.slice(0, 20);
  const used = one.resources.filter((column) => column.values.some((value) => value > 0));
  const heads = repetitions.map((r) => ({ num: `rep. ${r.index + 1}` }));
  const rows = used.map((column) => [column.name, ...repetitions.map((_, i) => ({ num: quantity(column.values[i], column.unit) }))]);
  const readings = [];
  const names = [...new Set(repetitions.flatMap((r) => (r.readings ?? []).map((reading) => reading.metric.name)))];
  for (const name of names) {
    const found = repetitions.map((r) => (r.readings ?? []).find((reading) => reading.metric.name === name));
    const known = found.find(Boolean);
    readings.push([el('span', {}, bdi(name), el('span', { class: 'muted small' }, ` ${known.basis}: `, bdi(known.source))),
      ...found.map((reading) => ({ num: reading ? shown(reading.value, reading.metric) : NOTHING }))]);
  }
  const why = drawn.length ? '' : one.class === 'skipped' ? 'The case was skipped: nothing ran.'
    : rows.length + readings.length ? 'No course of time was kept, for want of looks in a short case or because an older version measured it; these numbers were.'
      : 'Nobody looked at memory or power of this case.';
  const hasPower = one.repetitions.some((r) => (r.readings ?? []).some((reading) => ['W', 'J'].includes(reading.metric.unit)));
  const power = hasPower || one.class === 'skipped' ? '' : ` No power or energy was read${whyNoPower()}.`;
  const box = rows.length ? table({ head: ['What', ...heads], rows, caption: title }) : null;
  const read = readings.length ? el('details', { open: readings.length <= MOST_OPEN }, el('summary', {}, `${count(readings.length, 'reading')} of the probes`),
    table({ head: ['Reading', ...heads], rows: readings, caption: 'Readings of the probes' })) : null;
  return el('div', { class: 'chart bare wide' }, el('div', { class: 'bar' }, el('h3', {}, title)), why || power ? el('p', { class: 'nothing' }, visible(`${why}${power}`.trim())) : null, box, read);
}

// Of the probes that know power: why there is none.
function whyNoPower() {
  if (data.run.probes.includes('energy')) return ': the case was too short, or ended too early, for the probe energy, which needs 200 ms';
  const absent = ['energy', 'gpu'].filter((name) => data.run.absent_probes[name]).map((name) => `${name}: ${data.run.absent_probes[name]}`);
  return absent.length ? ` (${absent.join('; ')})` : ': no probe for it was asked for';
}
