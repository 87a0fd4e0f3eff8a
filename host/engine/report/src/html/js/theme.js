// Light and dark: as the system has it, until somebody chooses; the choice is remembered where that is allowed.

const THEME_KEY = 'benchhost-theme';
const wantsDark = matchMedia('(prefers-color-scheme: dark)');

function remembered() {
  try {
    return localStorage.getItem(THEME_KEY);
  } catch {
    return null;
  }
}

function remember(theme) {
  try {
    localStorage.setItem(THEME_KEY, theme);
  } catch {
    // Pages from disk may have no storage.
  }
}

let chosenTheme = remembered();
const theme = () => chosenTheme ?? (wantsDark.matches ? 'dark' : 'light');

function applyTheme() {
  const button = document.getElementById('theme');
  const next = theme() === 'dark' ? 'light' : 'dark';
  document.documentElement.dataset.theme = theme();
  button.textContent = next === 'dark' ? 'Dark' : 'Light';
  button.setAttribute('aria-label', `Change to ${next} colours`);
}

function watchTheme(redraw) {
  applyTheme();
  document.getElementById('theme').onclick = () => {
    chosenTheme = theme() === 'dark' ? 'light' : 'dark';
    remember(chosenTheme);
    applyTheme();
    redraw();
  };
  wantsDark.addEventListener('change', () => {
    applyTheme();
    redraw();
  });
}

// A colour of the style sheet, for charts.
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
