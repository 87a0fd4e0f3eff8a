// The list of cases: search, filters, sorting; rows are made as they come into view.

const CHUNK = 60;
const COLUMNS = [['case', 'Case'], ['metric', 'Metric'], ['value', 'Value', 'num'], ['change', 'Change', 'num'], ['verdict', 'Verdict'], ['outcome', 'Outcome']];

const list = { rows: [], found: [], made: 0, wanted: {} };

function listSection() {
  list.rows = makeRows();
  const select = (key, label, first, choices) => el('label', {}, label, el('select', { id: `by-${key}`, onchange: (event) => want({ [key]: event.target.value }) },
    el('option', { value: '' }, first), choices.map(([value, text]) => el('option', { value }, visible(text)))));
  const every = { metric: ALL_METRICS };
  const valuesOf = (key) => [...new Set(list.rows.map((one) => FILTERS[key](one, every)))].filter(Boolean).map((value) => [value, value]);
  const names = [...new Set(list.rows.map((one) => one.metric?.name).filter(Boolean))].sort();
  list.body = el('tbody', { role: 'rowgroup' });
  list.more = el('div', { class: 'small muted' });
  list.heads = COLUMNS.map(([key, label, kind]) => el('th', { scope: 'col', role: 'columnheader', class: kind ?? null, 'aria-sort': 'none' }, el('button', { type: 'button', onclick: () => sortBy(key) }, label)));
  list.count = el('p', { class: 'count' });
  list.search = el('input', { type: 'search', id: 'search', placeholder: 'words of a case, a parameter, a metric', autocomplete: 'off', spellcheck: 'false', oninput: (event) => want({ q: event.target.value }) });
  new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && makeMore(), { rootMargin: '600px' }).observe(list.more);
  return section('cases', 'Cases',
    el('form', { class: 'filters', role: 'search', 'aria-label': 'Filter the cases' },
      el('label', { class: 'search' }, 'Search', list.search),
      select('verdict', 'Verdict', 'any', valuesOf('verdict')),
      select('outcome', 'Outcome', 'any', valuesOf('outcome')),
      select('workload', 'Plugin / workload', 'any', valuesOf('workload').sort()),
      select('metric', 'Metric', 'main of each case', [[ALL_METRICS, 'all metrics'], ...names.map((name) => [name, name])]),
      el('label', { class: 'by-sort' }, 'Sort by', el('select', { id: 'by-sort', onchange: (event) => want({ sort: event.target.value, down: '' }) },
        el('option', { value: '' }, 'order of the run'), COLUMNS.map(([value, text]) => el('option', { value }, text.toLowerCase()))))),
    list.count,
    // Narrow screens lay rows out as cards, and roles keep them a table.
    el('div', { class: 'scroll cards', role: 'region', 'aria-label': 'Cases', tabindex: '-1' },
      el('table', { class: 'cases', id: 'case-table', role: 'table' }, el('caption', { class: 'unseen' }, 'Cases; the name of each opens its page'),
        el('thead', { role: 'rowgroup' }, el('tr', { role: 'row' }, list.heads)), list.body)),
    list.more);
}

function want(change) {
  list.wanted = { ...list.wanted, ...change };
  settle(list.wanted);
  showList();
}

function sortBy(column) {
  const { sort, down } = list.wanted;
  const next = sort !== column ? { sort: column, down: '' } : down ? { sort: '', down: '' } : { sort: column, down: '1' };
  want(next);
}

// Sets controls to what the address says.
function setWanted(wanted) {
  const { q = '', verdict = '', outcome = '', workload = '', metric = '', sort = '', down = '' } = wanted;
  list.wanted = { q, verdict, outcome, workload, metric, sort, down };
  list.search.value = q;
  for (const key of ['verdict', 'outcome', 'workload', 'metric', 'sort']) choose(document.getElementById(`by-${key}`), list.wanted[key]);
  showList();
}

// An address may look for what nothing is: the control says so, for the list is empty then.
function choose(select, value) {
  if (![...select.options].some((one) => one.value === value)) select.append(el('option', { value }, visible(value)));
  select.value = value;
}

function showCounts(counts) {
  for (const [key, numbers] of Object.entries(counts)) {
    for (const option of document.getElementById(`by-${key}`).options) {
      if (option.value) option.textContent = `${visible(option.value)} (${numbers.get(option.value) ?? 0})`;
    }
  }
}

function showList() {
  const { sort, down } = list.wanted;
  const { found, all, counts } = filtered(list.rows, list.wanted);
  showCounts(counts);
  list.found = sorted(found, sort, Boolean(down));
  list.body.replaceChildren();
  list.made = 0;
  list.heads.forEach((head, i) => head.setAttribute('aria-sort', COLUMNS[i][0] !== sort ? 'none' : down ? 'descending' : 'ascending'));
  const away = found.filter((one) => one.away).length;
  const text = `${count(found.length, 'row')}${found.length === all ? '' : ` of ${all}`}${away ? `, ${away} from the history or other machines alone` : ''}`;
  list.count.textContent = `${text}.`;
  say(text);
  document.getElementById('case-table')?.setAttribute('aria-rowcount', found.length + 1);
  if (!found.length) list.body.append(el('tr', {}, el('td', { colspan: COLUMNS.length }, list.rows.length ? 'Nothing matches.' : 'The run has no case yet.')));
  makeMore();
}

function makeMore() {
  const next = list.found.slice(list.made, list.made + CHUNK);
  list.body.append(...next.map(rowElement));
  list.made += next.length;
  const left = list.found.length - list.made;
  list.more.textContent = left > 0 ? `${left} more rows below …` : '';
}

function rowElement(one, i) {
  const usesWorst = one.isMain && !list.wanted.metric;
  const verdict = verdictOf(one, list.wanted);
  const other = usesWorst && verdict && one.metric && metricOf(verdict).name !== one.metric.name ? el('div', { class: 'small muted' }, 'in ', bdi(metricOf(verdict).name)) : null;
  const interval = isNumber(one.low) && one.value ? ` ± ${percent((one.high - one.low) / 2 / Math.abs(one.value))}` : '';
  const where = one.away === 'other machine' ? el('div', { class: 'small muted' }, bdi(one.machine || 'unknown machine', { class: 'mono' })) : null;
  return el('tr', { role: 'row', class: one.away ? 'away' : null, 'aria-rowindex': list.made + i + 2 },
    el('th', { scope: 'row', role: 'rowheader' }, el('a', { href: caseAddress(one.id, one.metric?.name, one.away === 'other machine' ? one.machine : null) }, caseName(one.id))),
    el('td', { role: 'cell', class: 'metric' }, one.metric ? bdi(one.metric.name) : NOTHING),
    el('td', { role: 'cell', class: 'num value' }, one.metric ? shown(one.value, one.metric) : NOTHING, el('span', { class: 'muted small' }, interval)),
    el('td', { role: 'cell', class: `num change ${verdictTone(one.judged)}` }, changeCell(one.judged)),
    el('td', { role: 'cell', class: 'verdict' }, verdictWord(one, list.wanted) ? verdictPill(verdict) : el('span', { class: 'muted' }, NOTHING), other),
    el('td', { role: 'cell', class: 'outcome' }, one.away ? pill(one.away) : outcomePill(one.one), where));
}

// A target is no earlier value: how far it is away is no change.
const isTarget = (judged) => judged?.rule === 'target' || ['target-met', 'target-missed'].includes(judged?.verdict);

function changeCell(judged) {
  if (!isTarget(judged)) return change(judged?.effect);
  return [el('span', { class: judged.verdict === 'target-missed' ? null : 'muted' }, change(judged.effect)), el('div', { class: 'small muted' }, judged.effect >= 9 ? 'the target' : 'from target')];
}

function verdictTone(judged) {
  if (!judged) return '';
  return { regressed: 'bad-text', 'target-missed': 'bad-text', improved: 'good-text' }[judged.verdict] ?? '';
}
