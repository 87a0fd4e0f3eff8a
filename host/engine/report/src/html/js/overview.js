// The first view: what was run, how it went, what moved, what to do.

const MOST_MOVERS = 8;
const FIRST_RECOMMENDATIONS = 4;

function overview() {
  return el('section', { id: 'overview', 'aria-labelledby': 'overview-title' }, runHead(), tiles(), verdictChips(), el('div', { class: 'grid thirds section' }, movers(), alerts()), contrasts(), recommendations(data.recommendations), leftOut());
}

function runHead() {
  const { run } = data;
  if (!run) {
    return [el('h1', { id: 'overview-title' }, 'History without a run'), el('p', { class: 'facts' }, 'The store has imported values only; there is no run to judge.')];
  }
  const fact = (name, value) => (value ? el('span', {}, `${name} `, el('b', {}, value)) : null);
  const git = run.git ? [bdi(revision(run.git.revision)), run.git.branch ? [' on ', bdi(run.git.branch)] : null, run.git.dirty ? ', work tree changed' : null] : 'not in a work tree';
  const time = run.finished ? lasted(run.started, run.finished) : null;
  return [
    el('div', { class: 'run-head' }, el('h1', { id: 'overview-title' }, bdi(run.suite ?? 'Run')), stateOf(run)),
    el('p', { class: 'facts' }, fact('run', bdi(run.id)), fact('started', moment(Date.parse(run.started))), fact('took', time), fact('revision', el('span', {}, git)),
      fact('machine', el('span', {}, run.host_name ? [bdi(run.host_name), ' '] : null, bdi(run.machine || 'unknown', { class: 'mono' }))), fact('benchhost', run.host_version)),
  ];
}

function stateOf(run) {
  const words = { finished: ['finished', 'good', '✓'], interrupted: ['INTERRUPTED', 'bad', '✕'], running: ['NOT FINISHED', 'bad', '…'] };
  const [word, tone, mark] = run.loud && run.state === 'finished' ? ['INCOMPLETE', 'bad', '✕'] : words[run.state];
  return el('span', { class: `pill ${tone}` }, el('span', { 'aria-hidden': 'true' }, mark), word);
}

function tile(what, number, more, tone = '') {
  return el('div', { class: `tile ${tone}` }, el('div', { class: 'what' }, what), el('div', { class: 'number' }, number), el('div', { class: 'more' }, more));
}

const EXITS = { 0: 'nothing is wrong', 1: 'a case failed or was wrong', 4: 'a regression or a missed target', 5: 'inconclusive' };

function tiles() {
  if (!data.run) return null;
  const of = (name) => data.cases.filter((one) => one.class === name).length;
  const [ok, wrong, failed, skipped] = ['ok', 'wrong', 'failed', 'skipped'].map(of);
  const ran = data.cases.length - skipped;
  const rate = ran ? `${(100 * ok / ran).toFixed(ok === ran ? 0 : 1)} %` : NOTHING;
  const regressed = data.judged.filter((one) => one.verdict === 'regressed' && one.severity !== 'info').length;
  const missed = data.judged.filter((one) => one.verdict === 'target-missed').length;
  const isWhole = data.cases.length >= data.run.planned;
  return el('div', { class: 'tiles' },
    tile('Cases', String(data.cases.length), `of ${data.run.planned} planned${skipped ? `, ${skipped} of them skipped` : ''}`, isWhole ? '' : 'bad'),
    tile('Pass rate', rate, ran ? `${ok} ok of ${ran} that ran${skipped ? '; skipped ones apart' : ''}` : 'no case ran', ran && ok < ran ? 'bad' : ran ? 'good' : 'warn'),
    tile('Failures', String(failed), failed ? 'ended without a speed' : 'none', failed ? 'bad' : 'good'),
    tile('Wrong answers', String(wrong), wrong ? 'their speed is void' : 'none', wrong ? 'bad' : 'good'),
    tile('Regressions', String(regressed), `${count(missed, 'target')} missed`, regressed + missed ? 'bad' : 'good'),
    gateTile());
}

function gateTile() {
  const bad = data.cases.some((one) => one.class === 'failed' || one.class === 'wrong');
  const also = data.exit_code === 4 && bad ? ', and a case failed' : '';
  if (data.exit_code !== 0) return tile('Gate', `exit ${data.exit_code}`, `${EXITS[data.exit_code] ?? ''}${also}`, 'bad');
  const open = data.judged.filter((one) => one.verdict === 'inconclusive').length;
  return open ? tile('Gate', 'pass', `${count(open, 'verdict')} inconclusive`, 'warn') : tile('Gate', 'pass', EXITS[0] ?? '', 'good');
}

function verdictChips() {
  const counts = [...grouped(data.judged, (one) => one.verdict)].sort((a, b) => a[1][0].rank - b[1][0].rank);
  const chip = ([word, ones]) => el('li', {}, el('a', { href: address({ verdict: word, metric: '*' }) }, pill(word, ` ${ones.length}`)));
  const rest = data.not_judged ? el('li', {}, el('a', { href: address({ verdict: 'not judged', metric: '*' }) }, pill('not judged', ` ${data.not_judged}`))) : null;
  if (!counts.length && !rest) return null;
  return el('ul', { class: 'chips', 'aria-label': 'Verdicts of all metrics' }, el('li', { class: 'muted small' }, 'Verdicts of metrics:'), counts.map(chip), rest);
}

// What fails and what changed, the worst first; then what may have, as far as there is room.
function movers() {
  const moved = data.judged.filter((one) => ['regressed', 'target-missed', 'improved', 'changed'].includes(one.verdict));
  const worst = moved.filter((one) => one.verdict !== 'improved');
  const better = moved.filter((one) => one.verdict === 'improved').sort((a, b) => Math.abs(b.effect ?? Infinity) - Math.abs(a.effect ?? Infinity) || 0);
  const room = Math.max(MOST_MOVERS - Math.min(better.length, MOST_MOVERS / 2), MOST_MOVERS / 2);
  const firm = [...worst.slice(0, room), ...better.slice(0, MOST_MOVERS - Math.min(worst.length, room))];
  const open = data.judged.filter((one) => one.verdict === 'inconclusive');
  const doubtful = open.slice(0, MOST_MOVERS - firm.length);
  const more = moved.length + open.length - firm.length - doubtful.length;
  return el('div', { class: 'card twice' }, el('h2', {}, 'Top movers'),
    firm.length ? el('ul', { class: 'list' }, firm.map(moverLine)) : el('p', { class: 'muted' }, nothingMoved(open.length > 0)),
    doubtful.length ? [el('p', { class: 'muted small apart' }, 'Inconclusive, these may be noise:'), el('ul', { class: 'list' }, doubtful.map(moverLine))] : null,
    more > 0 ? el('p', { class: 'small' }, el('a', { href: address({ sort: 'verdict', metric: ALL_METRICS }) }, `${more} more in the list`)) : null);
}

const moverTone = (one) => ({ improved: 'good-text', changed: '', inconclusive: 'warn-text' })[one.verdict] ?? 'bad-text';

function moverLine(one) {
  const [id, metric] = [data.ids[one.case], metricOf(one)];
  return el('li', { class: 'mover' },
    el('span', { class: `change ${moverTone(one)}` }, change(one.effect)),
    el('span', {}, el('a', { href: caseAddress(id, metric.name) }, caseName(id)), ' ', el('b', {}, bdi(metric.name)), ' ', verdictPill(one)),
    el('span', { class: 'why muted small' }, visible(reasonOf(one, id, metric))));
}

function nothingMoved(mayHave) {
  if (mayHave) return 'Nothing moved beyond doubt.';
  if (data.judged.some((one) => isNumber(one.effect) && one.verdict !== 'target-met')) return 'Nothing moved beyond noise and thresholds.';
  const met = data.judged.filter((one) => one.verdict === 'target-met').length;
  return `There is nothing to compare with yet: no history and no baseline${met ? `; ${count(met, 'target')} met` : ''}.`;
}

const ALIVE = ['opened', 'confirmed'];

function alerts() {
  const sorted = [...data.alerts].sort((a, b) => ALIVE.includes(b.state) - ALIVE.includes(a.state));
  const alive = sorted.filter((one) => ALIVE.includes(one.state)).length;
  const line = (one) => el('li', {},
    el('span', { class: `pill ${!ALIVE.includes(one.state) ? '' : one.kind === 'improvement' ? 'good' : one.severity === 'info' ? 'warn' : 'bad'}` }, `${one.kind}, ${one.severity}, ${one.state}`), ' ',
    el('a', { href: caseAddress(one.case, one.metric) }, caseName(one.case)), ' ', el('b', {}, bdi(one.metric)),
    el('div', { class: 'muted small' }, visible(one.sentence)),
    el('div', { class: 'muted small' }, `since ${one.opened.slice(0, 10)}, ${count(one.runs, 'run')}`, one.reason ? [', accepted: ', bdi(one.reason)] : null));
  const shownLines = sorted.slice(0, 10).map(line);
  const rest = sorted.slice(10);
  return el('div', { class: 'card' }, el('h2', {}, alive ? `Alerts: ${alive} alive` : 'Alerts'),
    sorted.length ? el('ul', { class: 'list' }, shownLines) : el('p', { class: 'muted' }, 'No alert of this machine.'),
    rest.length ? el('details', {}, el('summary', {}, `${rest.length} more`), el('ul', { class: 'list' }, rest.map(line))) : null);
}

// Of the run, or those that are said of the case `id`. Number and evidence are those of the case where it holds most clearly.
function recommendations(list, id = null) {
  const isOfCase = id !== null;
  if (isOfCase && !list.length) return null;
  const line = (one) => {
    const isElsewhere = isOfCase && Boolean(one.case) && one.case !== id;
    return el('li', {}, el('div', {}, isElsewhere && hasNumbers(one) ? ['worst in ', linkTo(one), ': '] : null, coded(one.text)), one.evidence && !isElsewhere ? el('div', { class: 'muted small' }, visible(one.evidence)) : null,
      el('div', { class: 'muted small' }, saidOf(one, isOfCase), one.number && !isElsewhere ? [bdi(one.number), ' · '] : null, one.condition ? ['because ', bdi(one.condition), ' · '] : null, 'rule ', bdi(one.rule)),
      alsoIn(one, isOfCase));
  };
  const first = isOfCase ? list : list.slice(0, FIRST_RECOMMENDATIONS);
  const rest = list.slice(first.length);
  return el('div', { class: isOfCase ? 'card' : 'card below' }, el('h2', {}, 'Recommendations'),
    list.length ? el('ul', { class: 'list' }, first.map(line)) : el('p', { class: 'muted' }, 'No rule has anything to recommend.'),
    rest.length ? el('details', {}, el('summary', {}, `${rest.length} more`), el('ul', { class: 'list' }, rest.map(line))) : null);
}

// Whether the text has numbers of its case: how many cases there are is no such number.
const hasNumbers = (one) => /\d/.test(one.text.replace(`${one.cases.length} cases`, ''));

const linkTo = (one) => el('a', { href: caseAddress(one.case, one.metric) }, caseName(one.case));

function alsoIn(one, isOfCase) {
  if (isOfCase || one.cases.length < 2) return null;
  return el('details', { class: 'small' }, el('summary', {}, `all ${one.cases.length} cases`), el('ul', {}, one.cases.map((id) => el('li', {}, el('a', { href: caseAddress(id, one.metric) }, caseName(id))))));
}

// Whom a recommendation is about: on the page of a case only what the page does not say.
function saidOf(one, isOfCase) {
  const about = one.about ? [bdi(one.about), ' · '] : [];
  return isOfCase || !one.case ? about : [...about, linkTo(one), ' · '];
}

function leftOut() {
  const said = [...data.left_out, ...data.idle.map((rule) => `The rule ${rule} speaks of nothing that was measured.`)];
  if (!said.length) return null;
  return el('div', { class: 'card section' }, el('h2', {}, 'Left out'), el('ul', { class: 'list' }, said.map((one) => el('li', {}, visible(one)))));
}
