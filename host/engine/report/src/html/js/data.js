// What the page knows: the JSON of the page, columns unpacked when somebody looks at them, and what belongs together.

// Text that was deflated, of a large page.
async function inflated(text, what) {
  if (!window.DecompressionStream) throw new Error(`this browser cannot unpack ${what}, and newer ones can`);
  const packed = new Blob([bytes(text)]).stream();
  return new Response(packed.pipeThrough(new DecompressionStream('deflate'))).text();
}

async function unpackedData(source) {
  try {
    return await inflated(source.textContent, 'the data of the page');
  } catch (error) {
    const said = document.createElement('p');
    said.className = 'loud';
    said.textContent = `Nothing can be shown: ${error.message}.`;
    document.getElementById('main').prepend(said);
    throw error;
  }
}

const source = document.getElementById('data');
const data = JSON.parse(source.type === 'application/json' ? source.textContent : await unpackedData(source));

function bytes(text) {
  const raw = atob(text);
  const found = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) found[i] = raw.charCodeAt(i);
  return found.buffer;
}

const floats = (text) => new Float32Array(bytes(text));
const wholes = (text) => new Uint32Array(bytes(text));

// Upper halves of 32-bit floats.
function widths(text) {
  const halves = new Uint16Array(bytes(text));
  return new Float32Array(Uint32Array.from(halves, (half) => half * 65536).buffer);
}

const moments = {
  time: wholes(data.moments.time),
  run: wholes(data.moments.run),
  revision: wholes(data.moments.revision),
};

// Points of a series as columns; a value that is missing is NaN.
const unpacked = new Map();
function points(series) {
  const known = unpacked.get(series);
  if (known) return known;
  const at = [];
  let next = 0;
  for (let i = 0; i < series.at.length; i += 2) {
    next += series.at[i];
    for (let k = 0; k < series.at[i + 1]; k++) at.push(next++);
  }
  const value = floats(series.value);
  const below = series.below ? widths(series.below) : null;
  const above = series.above ? widths(series.above) : null;
  const found = {
    value,
    time: at.map((i) => data.moments.from_ms + moments.time[i] * data.moments.tick_ms),
    run: at.map((i) => data.runs[moments.run[i] - 1] ?? null),
    revision: at.map((i) => data.revisions[moments.revision[i] - 1] ?? null),
    low: Array.from(value, (v, i) => (below ? v - below[i] : NaN)),
    high: Array.from(value, (v, i) => (above ? v + above[i] : NaN)),
  };
  unpacked.set(series, found);
  return found;
}

// The last value of a series that is one, and how many there are.
function latest(series) {
  const { value } = points(series);
  for (let i = value.length - 1; i >= 0; i--) if (Number.isFinite(value[i])) return value[i];
  return NaN;
}

// Samples of a measurement, by repetition.
function repetitionsOf(samples) {
  const value = floats(samples.value);
  const groups = new Map();
  let from = 0;
  for (let i = 0; i < samples.repetition.length; i += 2) {
    const [index, count] = [samples.repetition[i], samples.repetition[i + 1]];
    const part = Array.from(value.subarray(from, from + count));
    groups.set(index, (groups.get(index) ?? []).concat(part));
    from += count;
  }
  return [...groups].map(([index, values]) => ({ index, values }));
}

function grouped(items, key) {
  const groups = new Map();
  for (const item of items) {
    const of = key(item);
    if (groups.has(of)) groups.get(of).push(item);
    else groups.set(of, [item]);
  }
  return groups;
}

const here = data.run ? data.run.machine : null;
const caseOf = new Map(data.cases.map((one) => [data.ids[one.id], one]));
const seriesOf = grouped(data.series, (one) => data.ids[one.case]);
const judgedOf = grouped(data.judged, (one) => data.ids[one.case]);
const metricOf = (one) => data.metrics[one.metric];
const judgedFor = (id, name) => (judgedOf.get(id) ?? []).find((one) => metricOf(one).name === name);
const isHere = (series) => here !== null && data.machines[series.machine] === here;

// What a case is mostly about: its time, else the first metric that it has.
function mainMeasurement(one) {
  const told = one.measurements.filter((m) => m.summary);
  return told.find((m) => metricOf(m).name === 'time') ?? told[0] ?? null;
}
