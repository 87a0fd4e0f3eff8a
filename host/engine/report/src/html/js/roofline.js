// Where cases stand below the roofs of the machine: work for each byte by work in a second, both logarithmic.

function rooflineChart(one) {
  const title = 'Roofline';
  const own = one.roofline;
  if (!own) {
    const reason = one.class !== 'ok' ? 'A case that ended so has no speed, and no place below the roofs.'
      : !one.work?.flop && !one.work?.bytes ? 'The workload declares neither operations nor bytes, so it cannot be placed.'
        : !data.peaks ? 'The roofs of this machine are not known: `benchhost probe --calibrate --plugin plugins/system` measures them once.'
          : 'The run did not know the roofs of this machine, which were measured since; the next one will have its place.';
    return nothing(title, reason);
  }
  const reached = `It reaches ${shown(own.achieved, { unit: own.unit })}, ${percent(own.share)} of the roof of ${shown(own.ceiling, { unit: own.unit })}; the ${own.bound === 'compute' ? 'arithmetic units are' : 'memory is'} what limits it.` +
    (own.share > 1 ? ' More than the roof allows: caches served the data, the numbers are narrower than those of the roof (8 bits, say), or more work is declared than is done.' : '');
  const level = data.peaks && roofLevel(own.threads);
  if (!isNumber(own.intensity) || !level || !isNumber(level.bytes_per_s)) {
    return nothing(title, `${reached} ${isNumber(own.intensity) ? 'Only one of the two roofs is known' : 'Operations for each byte are not declared'}, so there is no place for it in a picture of both.`);
  }
  const placed = data.cases.filter((other) => other.roofline && isNumber(other.roofline.intensity) && other.roofline.intensity > 0);
  // Under the roofs of more threads the same spot means something else.
  const spots = placed.filter((other) => roofLevel(other.roofline.threads) === level).map((other) => spotOf(other));
  const elsewhere = placed.length - spots.length;
  const others = `the star is this case${spots.length > 1 ? ', circles are the other cases of as many threads' : ''}` +
    (elsewhere ? `; ${count(elsewhere, 'case')} with another number ${elsewhere === 1 ? 'has' : 'have'} roofs of ${elsewhere === 1 ? 'its' : 'their'} own.` : '.');
  return chart({
    title, height: 340, sentence: `${reached} Roofs are those of ${count(level.threads, 'thread')}; ${others}`,
    figure: () => rooflineFigure(one, level, spots),
    numbers: () => ({
      head: ['Case', { num: 'FLOP/B' }, { num: 'Reached' }, { num: 'Share of the roof' }],
      rows: spots.map((spot) => [caseName(spot.id), { num: significant(spot.x) }, { num: quantity(spot.y, 'FLOP/s') }, { num: percent(spot.share) }]),
    }),
  });
}

const roofLevel = (threads) => data.peaks.levels.find((level) => level.threads >= threads) ?? data.peaks.levels[data.peaks.levels.length - 1];

// Bytes in a second are operations in a second by way of the intensity.
function spotOf(one) {
  const { intensity, achieved, unit, share } = one.roofline;
  return { id: data.ids[one.id], x: intensity, y: unit === 'B/s' ? achieved * intensity : achieved, share };
}

function rooflineFigure(one, level, spots) {
  const id = data.ids[one.id];
  const own = spots.find((spot) => spot.id === id);
  const roofs = Object.entries(level.flop_per_s ?? {});
  const ridges = roofs.map(([, flops]) => flops / level.bytes_per_s);
  const from = Math.min(...spots.map((spot) => spot.x), ...ridges) / 4;
  const to = Math.max(...spots.map((spot) => spot.x), ...ridges) * 4;
  const traces = roofs.map(([dtype, flops], i) => {
    const ridge = flops / level.bytes_per_s;
    return {
      type: 'scatter', mode: 'lines', name: `${plain(dtype, 12)}: ${quantity(flops, 'FLOP/s')}`, x: [ridge, to], y: [flops, flops],
      line: { color: hue(i + 1), width: 2, dash: i % 2 ? 'dash' : 'solid' }, hoverinfo: 'name',
    };
  });
  const top = ridges.length ? Math.max(...ridges) : to;
  traces.unshift({
    type: 'scatter', mode: 'lines', name: `memory: ${quantity(level.bytes_per_s, 'B/s')}`, x: [from, top], y: [from * level.bytes_per_s, top * level.bytes_per_s],
    line: { color: colour('muted'), width: 2 }, hoverinfo: 'name',
  });
  const mark = (name, of, marker) => ({
    type: 'scatter', mode: 'markers', name, x: of.map((spot) => spot.x), y: of.map((spot) => spot.y), hoverinfo: 'text', marker,
    text: of.map((spot) => hover(spot.id, `${quantity(spot.y, 'FLOP/s')}, ${percent(spot.share)} of its roof`, `${significant(spot.x)} FLOP for each byte`)),
  });
  traces.push(mark('other cases', spots.filter((spot) => spot !== own), { color: colour('c7'), size: 8, symbol: 'circle-open', line: { width: 1.5 } }));
  if (own) traces.push(mark('this case', [own], { color: colour('c1'), size: 15, symbol: 'star', line: { color: colour('surface'), width: 1 } }));
  return {
    traces,
    layout: {
      showlegend: true,
      xaxis: logAxis([from, to], significant, { title: 'intensity [FLOP for each byte]' }),
      yaxis: logAxis([from * level.bytes_per_s, ...roofs.map(([, flops]) => flops), ...spots.map((spot) => spot.y)], (value) => quantity(value, 'FLOP/s'), {}),
    },
  };
}
