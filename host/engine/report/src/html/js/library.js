// The plotting library: unpacked from the page, or fetched from the server of the page, when the first chart is looked at.

let library = null;

function plotly() {
  library ??= loaded();
  return library;
}

async function loaded() {
  if (window.Plotly) return;
  const source = document.getElementById('plotly');
  if (source.src) {
    await new Promise((done, failed) => {
      source.addEventListener('load', done);
      source.addEventListener('error', () => failed(new Error('the server does not give the plotting library')));
      if (window.Plotly) done();
    });
    return;
  }
  const script = document.createElement('script');
  script.textContent = await inflated(source.textContent, 'the plotting library');
  document.head.append(script);
  source.remove();
  if (!window.Plotly) throw new Error('the plotting library did not start');
}
