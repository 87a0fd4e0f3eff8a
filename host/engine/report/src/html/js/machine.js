// The machine, the plugins, and what differs from the run before.

function differencesBox() {
  if (!data.before) return el('p', { class: 'muted' }, 'There is no earlier run of this suite on this machine to compare the machine and the code with.');
  const { run, started, differences } = data.before;
  const than = [el('span', {}, 'than in the run before, '), bdi(run), `, started ${moment(Date.parse(started))}`];
  if (!differences.length) return el('p', {}, 'Machine, host, work tree and plugins are no other ', than, '.');
  return [
    el('p', { class: 'muted' }, `${differences.length === 1 ? 'One thing is' : `${differences.length} things are`} different `, than, '. A change of a value may come from them.'),
    table({ head: ['What', 'Before', 'Now'], rows: differences.map(([what, before, now]) => [bdi(what), bdi(before), bdi(now)]), caption: 'Differences to the run before', classes: 'diff' }),
  ];
}

function machineSection() {
  const { run } = data;
  if (!run) return null;
  const facts = run.environment.filter(([, value]) => value !== NOTHING).map(([name, value]) => [bdi(name), bdi(value)]);
  const unknown = run.environment.filter(([, value]) => value === NOTHING).map(([name]) => name);
  const plugins = run.plugins.map((one) => [bdi(one.name), one.rejected ? el('span', { class: 'bad-text' }, `refused: ${visible(one.rejected)}`) : bdi(one.version), bdi(one.build.profile ?? NOTHING), bdi(one.build.rustc ?? NOTHING), bdi(one.sha256.slice(0, 12), { class: 'mono' }), bdi(one.path, { class: 'small' })]);
  const absent = Object.entries(run.absent_probes);
  return section('machine', 'Machine and code',
    el('h3', { class: 'gap' }, 'Differences to the run before'), differencesBox(),
    el('details', { class: 'section' }, el('summary', {}, `The machine: ${facts.length} facts`),
      table({ head: ['Fact', 'Value'], rows: facts, caption: 'The machine', classes: 'facts-table' }),
      unknown.length ? el('p', { class: 'small muted' }, `Not known: ${unknown.join(', ')}.`) : null),
    el('details', {}, el('summary', {}, count(run.plugins.length, 'plugin')), plugins.length ? table({ head: ['Plugin', 'Version', 'Profile', 'Compiler', 'sha256', 'File'], rows: plugins, caption: 'Plugins' }) : null),
    el('details', {}, el('summary', {}, absent.length ? `${count(absent.length, 'probe')} not here` : run.probes.length ? `All probes that were asked for are here: ${run.probes.join(', ')}` : 'No probe was asked for'),
      absent.length ? table({ head: ['Probe', 'Why not'], rows: absent.map(([name, why]) => [bdi(name), bdi(why)]), caption: 'Absent probes', classes: 'facts-table' }) : null),
    el('details', {}, el('summary', {}, 'How it was started'), el('pre', {}, visible(run.command.join(' '))), el('p', { class: 'small muted' }, `Seed ${run.seed}${run.suite_path ? `, suite ${visible(run.suite_path)}` : ''}.`)));
}
