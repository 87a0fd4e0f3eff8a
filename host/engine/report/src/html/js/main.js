// Puts the page together, and follows addresses and keys.

const main = document.getElementById('main');
const home = el('div', { id: 'home' });
const view = el('div', { id: 'view', hidden: true });
const began = performance.now();
const title = document.title;
let scrolled = 0;

// What a tab of the browser and those who listen are told; a title has no element to fence a name in.
const titledCase = (id) => `${visible(id).replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '')} · ${title}`;

function showCase(wanted) {
  const from = performance.now();
  if (!home.hidden) scrolled = scrollY;
  const isSame = view.dataset.of === wanted.case;
  forgetCharts();
  view.replaceChildren(casePage(wanted));
  view.dataset.of = wanted.case;
  document.title = titledCase(wanted.case);
  [home.hidden, view.hidden] = [true, false];
  if (!isSame) {
    scrollTo(0, 0);
    main.focus({ preventScroll: true });
    say(`Case ${wanted.case}`);
  }
  window.benchhost.caseMs = performance.now() - from;
}

function showHome(wanted) {
  const from = view.dataset.of;
  forgetCharts();
  view.replaceChildren();
  [home.hidden, view.hidden] = [false, true];
  delete view.dataset.of;
  document.title = title;
  if (wanted.place) {
    if (from) setWanted(list.wanted);
    const target = document.getElementById(wanted.place);
    if (from && wanted.place === 'cases' && scrolled) scrollTo(0, scrolled);
    else target?.scrollIntoView();
  } else {
    setWanted(wanted);
    if (from) scrollTo(0, scrolled);
    else if (Object.keys(wanted).length) document.getElementById('cases').scrollIntoView();
  }
  if (from) linkOf(from)?.focus({ preventScroll: true });
}

const linkOf = (id) => [...list.body.querySelectorAll('a')].find((link) => new URLSearchParams(link.hash.slice(1)).get('case') === id);

function follow() {
  const wanted = route();
  if (wanted.case !== undefined) showCase(wanted);
  else showHome(wanted);
}

// Arrows move along the names in the list.
function move(by) {
  const links = [...list.body.querySelectorAll('a')];
  const at = links.indexOf(document.activeElement);
  const next = links[Math.min(Math.max(at + by, 0), links.length - 1)];
  next?.focus();
  if (at + by >= links.length - 5) makeMore();
}

function onKey(event) {
  const isTyping = event.target.matches('input, select, textarea');
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === 'Escape') {
    if (!view.hidden) location.hash = document.getElementById('back').hash;
    else if (event.target === list.search) {
      want({ q: '' });
      list.search.value = '';
      list.search.blur();
    }
  } else if (event.key === '/' && !isTyping) {
    event.preventDefault();
    if (!view.hidden) showHome({ place: 'cases' });
    settle(list.wanted);
    list.search.focus();
  } else if (!view.hidden) {
    return;
  } else if (event.key === 'ArrowDown' && (!isTyping || event.target === list.search)) {
    event.preventDefault();
    move(1);
  } else if (event.key === 'ArrowUp' && !isTyping) {
    event.preventDefault();
    move(-1);
  }
}

function start() {
  document.getElementById('plain')?.remove();
  main.append(home, view);
  home.append(...[overview(), listSection(), machineSection()].filter(Boolean));
  document.querySelector('form').addEventListener('submit', (event) => event.preventDefault());
  document.getElementById('skip').addEventListener('click', (event) => {
    event.preventDefault();
    main.focus();
  });
  // For those who test the page: how numbers are written, and how long it took.
  window.benchhost = { quantity };
  watchTheme(redrawCharts);
  addEventListener('hashchange', follow);
  addEventListener('keydown', onKey);
  addEventListener('beforeprint', drawAllCharts);
  setWanted({});
  follow();
  // Nobody waits for it now; the first chart would.
  (window.requestIdleCallback ?? setTimeout)(() => plotly().catch(() => {}));
  window.benchhost.startMs = performance.now() - began;
}

start();
