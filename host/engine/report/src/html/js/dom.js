// Elements. Text of the report becomes text nodes and nothing else.

const PROPERTIES = new Set(['onclick', 'oninput', 'onchange', 'ontoggle', 'value', 'selected']);

// An element with attributes and children: elements, text, or nothing.
function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (PROPERTIES.has(name)) made[name] = value;
    else made.setAttribute(name, value === true ? '' : value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

// Text without control characters, which would only be holes. Nothing at all is said to be nothing.
function visible(text) {
  const shown = String(text).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '\ufffd');
  return shown === '' ? '(empty)' : shown;
}

// A name, which may be written from right to left, and stays what it is among its neighbours.
const bdi = (text, attributes = {}) => el('bdi', attributes, visible(text));

// Text with what stands between backquotes as code.
const coded = (text) => visible(text).split('`').map((part, i) => (i % 2 ? el('code', {}, part) : part));

// The name of a case: what it runs, and with what.
function caseName(id) {
  const at = id.indexOf('?');
  if (at < 0) return bdi(id, { class: 'work' });
  const query = id.slice(at + 1).replaceAll('&', ' · ');
  return el('bdi', {}, el('span', { class: 'work' }, visible(id.slice(0, at))), ' ', el('span', { class: 'query' }, visible(query)));
}

// How verdicts and outcomes look: tone and mark. The word always stands beside.
const LOOKS = {
  failed: ['bad', '✕'], 'target-missed': ['bad', '◎'], regressed: ['bad', '▼'], improved: ['good', '▲'],
  changed: ['info', '◆'], unchanged: ['even', '='], 'target-met': ['even', '✓'], inconclusive: ['warn', '?'], 'insufficient-data': ['even', '…'],
  'not judged': ['even', '○'], ok: ['good', '✓'], wrong: ['bad', '≠'], skipped: ['even', '–'],
  'history only': ['even', '◷'], 'other machine': ['even', '⧉'],
};

function pill(word, more = '', tone = null) {
  const [usual, mark] = LOOKS[word] ?? ['bad', '✕'];
  return el('span', { class: `pill ${tone ?? usual}` }, el('span', { 'aria-hidden': 'true' }, mark), el('span', {}, word + more));
}

function verdictPill(judged) {
  if (!judged) return pill('not judged');
  const tone = judged.verdict === 'regressed' && judged.severity === 'info' ? 'warn' : null;
  return pill(judged.verdict, judged.severity ? ` (${judged.severity})` : '', tone);
}

const outcomePill = (one) => pill(one.outcome, '', one.class === 'ok' || one.class === 'skipped' ? null : 'bad');

// A table in a box of its own. `rows`: cells, each text, an element, or { num: text }; the first heads its row.
function table({ head, rows, caption, classes = '' }) {
  const cell = (content, i) => {
    const isNumber = content !== null && typeof content === 'object' && 'num' in content;
    const inner = isNumber ? content.num : content;
    const text = typeof inner === 'string' ? visible(inner) : inner;
    const attributes = { class: isNumber ? 'num' : null };
    return i === 0 ? el('th', { ...attributes, scope: 'row' }, text) : el('td', attributes, text);
  };
  const heads = head.map((one) => el('th', { scope: 'col', class: one.num ? 'num' : null }, one.num ?? one));
  return el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption },
    el('table', { class: classes },
      el('caption', { class: 'unseen' }, caption),
      el('thead', {}, el('tr', {}, heads)),
      el('tbody', {}, rows.map((row) => el('tr', {}, row.map(cell))))));
}

function section(id, title, ...children) {
  return el('section', { class: 'section', id, 'aria-labelledby': `${id}-title` }, el('h2', { id: `${id}-title` }, title), children);
}

// Says something to those who listen to the page.
function say(text) {
  document.getElementById('said').textContent = text;
}
