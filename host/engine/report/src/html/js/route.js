// Addresses of what is seen: `#case=ID&metric=NAME` is a case, anything else the overview with what its list shows.

const PLACES = ['overview', 'cases', 'machine'];

function route() {
  const hash = location.hash.slice(1);
  return PLACES.includes(hash) ? { place: hash } : Object.fromEntries(new URLSearchParams(hash));
}

function address(parts) {
  const given = Object.entries(parts).filter(([, value]) => value);
  return `#${new URLSearchParams(given)}`;
}

const caseAddress = (id, metric, machine) => address({ case: id, metric, machine });

// Changes the address without a step that "back" would undo.
function settle(parts) {
  const to = address(parts);
  if (to !== location.hash) history.replaceState(null, '', to === '#' ? '#overview' : to);
}
