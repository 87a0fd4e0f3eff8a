// Numbers for people, as `format_quantity` of the host writes them.

const TIME = [[1e9, 's'], [1e6, 'ms'], [1e3, 'µs'], [1, 'ns'], [1e-3, 'ps']];
const NANOS = { ns: 1, us: 1e3, 'µs': 1e3, ms: 1e6, s: 1e9 };
const BINARY = [[2 ** 40, 'Ti'], [2 ** 30, 'Gi'], [2 ** 20, 'Mi'], [1024, 'Ki'], [1, '']];
const DECIMAL = [[1e12, 'T'], [1e9, 'G'], [1e6, 'M'], [1e3, 'k'], [1, '']];
const SMALL = [[1e3, 'k'], [1, ''], [1e-3, 'm'], [1e-6, 'µ'], [1e-9, 'n'], [1e-12, 'p']];
const NOTHING = '–';

// Four significant figures, without trailing zeros.
function significant(value) {
  if (value === 0) return '0';
  const magnitude = Math.floor(Math.log10(Math.abs(value)));
  if (magnitude < -5 || magnitude > 8) return value.toExponential(3).replace('e+', 'e');
  const text = value.toFixed(Math.max(3 - magnitude, 0));
  return text.includes('.') ? text.replace(/0+$/, '').replace(/\.$/, '') : text;
}

// The step of `scale` that fits `value`: what to divide by, and the prefix.
function step(value, scale) {
  if (value === 0) return scale.find(([factor]) => factor === 1);
  return scale.find(([factor]) => Math.abs(value) >= factor) ?? scale[scale.length - 1];
}

// How values about as large as `value` are shown: factor to divide by, and unit.
function scaled(value, unit) {
  if (unit in NANOS) {
    const [factor, shown] = step(value * NANOS[unit], TIME);
    return [factor / NANOS[unit], shown];
  }
  const of = (scale) => {
    const [factor, prefix] = step(value, scale);
    return [factor, prefix + unit];
  };
  if (unit === 'B' || unit === 'B/s') return of(BINARY);
  if (unit === 'J' || unit === 'W' || unit === 'g') return of(SMALL);
  if (unit === '1' || unit === '') return [1, ''];
  if (unit === '1/s') return [1, '/s'];
  return unit.endsWith('/s') ? of(DECIMAL) : [1, unit];
}

function quantity(value, unit) {
  if (value === null || value === undefined || !Number.isFinite(value)) return NOTHING;
  const [factor, shown] = scaled(value, unit);
  const number = significant(value / factor);
  return unit === '1/s' ? `${number}/s` : `${number} ${shown}`.trimEnd();
}

// A number of things with a decimal prefix.
function counted(value, noun) {
  const [factor, prefix] = step(value, DECIMAL);
  return `${significant(value / factor)} ${prefix}${noun}`;
}

const isNumber = (value) => typeof value === 'number' && Number.isFinite(value);
const isRatio = (metric) => metric.kind === 'ratio';

// A value of a metric; a ratio in per cent.
function shown(value, metric) {
  if (!isNumber(isRatio(metric) ? 100 * value : value)) return NOTHING;
  return isRatio(metric) ? `${(100 * value).toFixed(1)} %` : quantity(value, metric.unit);
}

// Factor and unit for an axis of a metric whose values reach up to `most`.
function axisOf(most, metric) {
  return isRatio(metric) ? [0.01, '%'] : scaled(most, metric.unit);
}

function percent(share) {
  const value = 100 * share;
  if (share === null || !isNumber(value)) return NOTHING;
  const size = Math.abs(value);
  return `${value.toFixed(size >= 9.95 ? 0 : size >= 0.995 ? 1 : 2)} %`;
}

function change(effect) {
  if (!isNumber(effect) || !isNumber(100 * effect)) return NOTHING;
  // Tenfold and more is a factor.
  if (effect >= 9) return `×${significant(1 + effect)}`;
  const text = (100 * effect).toFixed(1);
  if (Number(text) === 0) return '0.0 %';
  return `${effect > 0 ? '+' : ''}${text.replace('-', '−')} %`;
}

function span(low, high, metric) {
  return isNumber(low) && isNumber(high) ? `${shown(low, metric)} – ${shown(high, metric)}` : NOTHING;
}

const count = (number, noun) => `${number} ${noun}${number === 1 ? '' : 's'}`;

function day(ms) {
  return new Date(ms).toISOString().slice(0, 10);
}

function moment(ms) {
  return new Date(ms).toISOString().replace('T', ' ').slice(0, 16) + ' UTC';
}

function lasted(started, finished) {
  const seconds = (Date.parse(finished) - Date.parse(started)) / 1000;
  if (!(seconds >= 0)) return null;
  if (seconds < 60) return `${significant(Math.round(seconds * 10) / 10)} s`;
  const whole = Math.round(seconds);
  const hours = Math.floor(whole / 3600);
  return `${hours ? `${hours} h ` : ''}${Math.floor(whole / 60) % 60} min ${whole % 60} s`;
}

function revision(text) {
  const [hash, dirty] = text.split('-dirty');
  return (/^[0-9a-f]{20,}$/.test(hash) ? hash.slice(0, 10) : hash) + (dirty === undefined ? '' : '-dirty');
}
