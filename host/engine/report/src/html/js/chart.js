// A chart in its frame: title, switches, picture, a sentence that says the same, and its numbers as a table.
//
// It is drawn when it comes into view, and again when colours or switches change.

const charts = new Set();
const isTouched = matchMedia('(pointer: coarse)');

const CONFIG = {
  responsive: true,
  displaylogo: false,
  typesetMath: false,
  modeBarButtonsToRemove: ['select2d', 'lasso2d', 'autoScale2d'],
  toImageButtonOptions: { filename: 'benchhost', scale: 2 },
};

// Text for plotly, which takes some markup: without it, on one line, not too long.
function plain(text, most = 70) {
  const clean = String(text).replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, ' ');
  const chars = Array.from(clean);
  const short = chars.length > most ? `${chars.slice(0, most - 1).join('')}…` : clean;
  return short.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

const hover = (...lines) => lines.filter(Boolean).map((line) => plain(line, 90)).join('<br>');

function axis(more = {}) {
  const line = colour('line');
  return {
    gridcolor: line, linecolor: line, zerolinecolor: line, tickcolor: line, ticks: 'outside', ticklen: 4,
    automargin: true, exponentformat: 'power', ...more, title: { text: more.title ?? '', standoff: 8 },
  };
}

// A logarithmic axis with ticks at 1, 2 and 5 of each decade, at decades alone where there are many, and in even steps
// where values are too near each other for any of these.
function logAxis(values, text, more = {}) {
  const known = values.filter((value) => isNumber(value) && value > 0);
  const [least, most] = extent(known);
  const steps = most / least > 300 ? [1] : [1, 2, 5];
  let ticks = [];
  for (let decade = Math.floor(Math.log10(least)) - 1; decade <= Math.ceil(Math.log10(most)) + 1; decade++) for (const one of steps) ticks.push(one * 10 ** decade);
  if (ticks.filter((tick) => tick >= least && tick <= most).length < 3) ticks = evenTicks(least, most);
  return axis({ type: 'log', tickvals: ticks, ticktext: ticks.map(text), ...more });
}

// About five round numbers from `low` to `high`, and some beyond.
function evenTicks(low, high) {
  const raw = (high > low ? high - low : Math.abs(high)) / 5;
  const magnitude = 10 ** Math.floor(Math.log10(raw));
  const size = magnitude * [1, 2, 5, 10].find((digit) => raw <= digit * magnitude * 1.000001);
  const ticks = [];
  for (let n = Math.floor(low / size) - 5; n <= Math.ceil(high / size) + 5; n++) if (n > 0) ticks.push(Number((n * size).toPrecision(12)));
  return ticks;
}

// How far ends of intervals are shown: as far as they are near the values, for one that is far too wide would flatten all.
function nearEnds(values, isLog) {
  const [low, high] = extent(values);
  if (isLog) return [low / 3, high * 3];
  const room = Math.max(1.5 * (high - low), 0.2 * Math.abs(high));
  return [low >= 0 ? Math.max(low - room, 0) : low - room, high + room];
}

// The least and the largest number. A call with each as an argument fails where there are many.
function extent(values) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (!isNumber(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

// How far from 0 they go.
const reachOf = (values) => Math.max(...extent(values).map(Math.abs));

// The range of an axis of `values` whose intervals end at `ends`, as plotly wants it; `also` is seen whole.
function nearRange(values, ends, isLog, { fromZero = false, also = [] } = {}) {
  const [least, most] = nearEnds(values, isLog);
  const near = ends.filter(isNumber).map((end) => Math.min(Math.max(end, least), most));
  let [low, high] = extent([...values, ...near, ...also]);
  if (fromZero) [low, high] = [Math.min(low, 0), Math.max(high, 0)];
  if (isLog) [low, high] = [Math.log10(low), Math.log10(high)];
  const room = 0.06 * (high - low) || 0.01 * Math.abs(high) || 1;
  return [fromZero && low === 0 ? 0 : low - room, fromZero && high === 0 ? 0 : high + room];
}

function layoutOf(more) {
  return {
    paper_bgcolor: 'rgba(0,0,0,0)', plot_bgcolor: 'rgba(0,0,0,0)',
    font: { family: 'system-ui, "Segoe UI", Roboto, "Liberation Sans", sans-serif', size: 12, color: colour('text') },
    margin: { l: 56, r: 14, t: 12, b: 44 },
    hovermode: 'closest',
    dragmode: isTouched.matches ? false : 'zoom',
    hoverlabel: { bgcolor: colour('raised'), bordercolor: colour('line'), font: { color: colour('text'), size: 12 }, align: 'left' },
    showlegend: false,
    legend: { orientation: 'h', x: 0, y: 1.02, xanchor: 'left', yanchor: 'bottom', font: { size: 11 } },
    modebar: { bgcolor: 'rgba(0,0,0,0)', color: colour('muted'), activecolor: colour('accent') },
    ...more,
  };
}

async function draw(chart) {
  try {
    await plotly();
  } catch (error) {
    chart.canvas.replaceChildren(el('p', { class: 'nothing' }, `No picture: ${error.message}. The numbers are in the table below.`));
    return;
  }
  // Somebody may have gone on meanwhile.
  if (charts.has(chart)) drawNow(chart);
}

function drawNow(chart) {
  const { traces, layout } = chart.figure(chart.state);
  const whole = layoutOf({ height: chart.height, ...layout });
  if (chart.isDrawn) Plotly.react(chart.canvas, traces, whole, CONFIG);
  else Plotly.newPlot(chart.canvas, traces, whole, CONFIG);
  chart.isDrawn = true;
}

const watcher = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    watcher.unobserve(entry.target);
    const chart = [...charts].find((one) => one.canvas === entry.target);
    if (chart) draw(chart);
  }
}, { rootMargin: '400px' });

function redrawCharts() {
  for (const chart of charts) if (chart.isDrawn) draw(chart);
}

function drawAllCharts() {
  if (!window.Plotly) return;
  for (const chart of charts) if (!chart.isDrawn) drawNow(chart);
}

function forgetCharts() {
  for (const chart of charts) {
    watcher.unobserve(chart.canvas);
    if (chart.isDrawn) Plotly.purge(chart.canvas);
  }
  charts.clear();
}

// `figure(state)`: traces and layout. `switches`: [{ key, label, choices: [[value, label]] }], the first of each is chosen.
function chart({ title, sentence, more = [], figure, numbers, switches = [], height = 300, isWide = false }) {
  const canvas = el('div', { class: 'canvas', role: 'img', 'aria-label': `${visible(title)}. ${sentence}` });
  canvas.style.height = `${height}px`;
  const state = Object.fromEntries(switches.map(({ key, choices }) => [key, choices[0][0]]));
  const one = { canvas, figure, height, state, isDrawn: false };
  const bars = switches.map((bar) => switchBar(bar, state, () => draw(one)));
  charts.add(one);
  watcher.observe(canvas);
  return el('figure', { class: isWide ? 'chart wide' : 'chart' },
    el('div', { class: 'bar' }, el('h3', {}, visible(title)), bars),
    canvas,
    el('figcaption', {}, el('p', {}, visible(sentence)), more),
    numbers ? numbersOf(title, numbers) : null);
}

function switchBar({ key, label, choices }, state, changed) {
  const buttons = choices.map(([value, text]) => el('button', {
    type: 'button',
    'aria-pressed': String(state[key] === value),
    onclick: (event) => {
      state[key] = value;
      for (const other of buttons) other.setAttribute('aria-pressed', String(other === event.currentTarget));
      changed();
    },
  }, text));
  return el('span', { class: 'switch', role: 'group', 'aria-label': label }, buttons);
}

// Where there is nothing to draw: why.
function nothing(title, sentence, isWide = false, more = null) {
  return el('div', { class: isWide ? 'chart bare wide' : 'chart bare' }, el('div', { class: 'bar' }, el('h3', {}, title)), el('p', { class: 'nothing' }, coded(sentence)), more);
}
