// How a case ended, with what is left of it: the sentence, causes, the crash, the last words of its worker.

function evidence(one) {
  if (one.class === 'ok') return null;
  const r = one.repetitions.find((other) => other.outcome === one.outcome) ?? one.repetitions[0];
  const parts = [el('p', { class: 'sentence' }, visible(one.sentence))];
  if (one.detail) parts.push(block('Causes', one.detail));
  if (r?.crash) {
    const { signal, code, address: at, instruction, phase } = r.crash;
    parts.push(el('p', { class: 'small' }, `Signal ${signal} (code ${code}) in ${phase}, at address ${at}, by the instruction at ${instruction}.`));
  }
  if (one.class === 'wrong') parts.push(el('p', { class: 'small muted' }, 'A case with a wrong answer has no speed: its samples are kept, and not summed up.'));
  return el('div', { class: `card section evidence ${one.class}` }, el('h2', {}, one.class === 'skipped' ? 'Why it was skipped' : 'How it ended'), parts);
}

const block = (title, text) => el('details', { open: true }, el('summary', {}, title), el('pre', { tabindex: '0' }, visible(text.replace(/^\n+|\s+$/g, ''))));

// What workers printed, and how each ended.
function workers(one) {
  if (!one.repetitions.length) return null;
  const rows = one.repetitions.map((r) => [
    `repetition ${r.index + 1}`, outcomeWord(r), { num: String(r.samples) }, { num: String(r.iterations) }, (r.stopped_by ?? NOTHING).replaceAll('-', ' '),
    r.warm_up ? `${count(r.warm_up.iterations, 'iteration')}, ${quantity(r.warm_up.elapsed_ns, 'ns')}, ${r.warm_up.steady ? 'steady' : 'not steady'}` : NOTHING, noiseOf(r),
  ]);
  const said = one.repetitions.flatMap((r) => [['standard error', r.stderr], ['standard output', r.stdout], ['log', (r.log ?? []).join('\n')]]
    .filter(([, text]) => text).map(([what, text]) => [`Repetition ${r.index + 1}: ${what}`, text, r.dropped]));
  return section('workers', 'Workers',
    table({ head: ['Repetition', 'Outcome', { num: 'Samples' }, { num: 'Iterations each' }, 'Stopped by', 'Warm-up', 'Machine'], rows, caption: 'Workers of the case' }),
    said.length ? said.map(([title, text, dropped], i) => el('details', { open: one.class !== 'ok' && i < 2 }, el('summary', {}, title), el('pre', { tabindex: '0' }, visible(text.replace(/^\n+|\s+$/g, ''))),
      dropped ? el('p', { class: 'small muted' }, `The end is shown; ${quantity(dropped, 'B')} before it are in run.json or were not kept.`) : null))
      : el('p', { class: 'small muted' }, 'The workers printed and logged nothing.'));
}

const outcomeWord = (r) => el('span', {}, outcomePill({ outcome: r.outcome, class: r.outcome === 'ok' || r.outcome === 'skipped' ? r.outcome : 'failed' }), r.sentence && r.outcome !== 'skipped' ? el('div', { class: 'small muted reason' }, visible(r.sentence)) : null);

function noiseOf(r) {
  const { machine } = r;
  const parts = [];
  if (machine && isNumber(machine.steal_share)) parts.push(`${percent(machine.steal_share)} stolen`);
  if (machine && isNumber(machine.other_share)) parts.push(`${percent(machine.other_share)} to others`);
  if (machine && machine.waited_ns) parts.push(`waited ${quantity(machine.waited_ns, 'ns')}`);
  if (machine && machine.throttle_events) parts.push(`slowed by heat ${machine.throttle_events} times`);
  if (machine && machine.quota_stopped_ns) parts.push(`stopped by a quota for ${quantity(machine.quota_stopped_ns, 'ns')}`);
  if (isNumber(r.shared) && r.shared > 0) parts.push(`${percent(r.shared)} of the samples beside another program on the core`);
  return parts.join(', ') || NOTHING;
}

// What a search tried.
function searchTable(one) {
  const { search } = one;
  if (!search) return null;
  const FIRST = ['time', 'throughput', 'peak-memory', 'latency'];
  const place = (name) => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length);
  const names = [...new Set(search.tried.flatMap((t) => Object.keys(t.medians ?? {})))].sort((a, b) => place(a) - place(b)).slice(0, 4);
  const metric = (name) => data.metrics.find((m) => m.name === name) ?? { unit: '1', kind: '' };
  const rows = search.tried.map((t) => [significant(t.value), pill(t.word, '', t.works ? null : 'bad'), t.why ? visible(t.why) : '', ...names.map((name) => ({ num: shown(t.medians?.[name], metric(name)) }))]);
  const found = isNumber(search.largest) ? `The largest ${visible(search.key)} that works is ${significant(search.largest)}` : `Not even the first ${visible(search.key)} works`;
  const failing = isNumber(search.smallest_failing) ? `; the smallest that does not is ${significant(search.smallest_failing)}.` : '; none up to the end of the range failed.';
  return section('search-tried', `Search for the largest ${visible(search.key)}`, el('p', {}, found + failing),
    table({ head: [search.key, 'Outcome', 'Why not', ...names.map((name) => ({ num: name }))], rows, caption: 'Values that were tried' }));
}
