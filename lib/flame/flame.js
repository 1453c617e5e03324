// Zoom, search and details of the flame graph in which this script stands; see flame(1).
(function () {
  'use strict';
  const PAD = 10, GAP = 3, COLUMN = 7.25, COLUMNS_MIN = 4; // as in svg.c
  const SVG = 'http://www.w3.org/2000/svg', HTML = 'http://www.w3.org/1999/xhtml';
  const script = document.currentScript || [...document.querySelectorAll('.trs-flame > script')].pop();
  const svg = script.ownerSVGElement;
  const details = svg.querySelector('.details'), summary = details.textContent;
  const frames = [], frameOf = new Map();
  let root, zoomed, focused, width = 0, sought = '';

  // Frames, row by row from the root; a parent stands before its children.
  function readFrames() {
    let below = [];
    svg.querySelectorAll('.frames > g').forEach(function (g, row) {
      const here = [];
      let at = 0;
      for (const rect of g.querySelectorAll('rect')) {
        const [start, value] = rect.dataset.f.split(' ').map(Number);
        while (at + 1 < below.length && below[at + 1].start <= start)
          at++;
        const next = rect.nextElementSibling;
        const text = next && next.localName === 'text' ? next : null;
        const frame = { rect, text, row, start, value, parent: below[at] || null, name: null,
          label: text ? text.textContent : '', shown: true, inside: true, up: false, hit: false, covered: false };
        here.push(frame);
        frames.push(frame);
        frameOf.set(rect, frame);
      }
      below = here;
    });
    root = zoomed = focused = frames[0];
  }

  function title(frame) {
    return frame.rect.firstElementChild.textContent;
  }

  function name(frame) {
    if (frame.name === null)
      frame.name = title(frame).split('\n', 1)[0];
    return frame.name;
  }

  // Labels: the same as label.c.
  const ASCII = /^[\x20-\x7e]*$/, NONE = /[\u0300-\u036f\u200b-\u200d\ufe00-\ufe0f]/;
  const WIDE = new RegExp('[\\u1100-\\u115f\\u2e80-\\ua4cf\\uac00-\\ud7a3\\uf900-\\ufaff\\ufe30-\\ufe6f' +
    '\\uff00-\\uff60\\uffe0-\\uffe6\\u{1f300}-\\u{1f64f}\\u{1f900}-\\u{1f9ff}\\u{20000}-\\u{3fffd}]', 'u');

  function columnsOf(c) {
    return NONE.test(c) ? 0 : WIDE.test(c) ? 2 : 1;
  }

  // The beginning of the text that fits.
  function cut(text, columns) {
    if (ASCII.test(text))
      return text.slice(0, columns);
    let kept = '', used = 0;
    for (const c of text) {
      used += columnsOf(c);
      if (used > columns)
        break;
      kept += c;
    }
    return kept;
  }

  function fit(text, columns) {
    if (columns < COLUMNS_MIN)
      return '';
    if (cut(text, columns) === text)
      return text;
    text = text.replace(/^[^ (]*\/(?=[^\/ (]*\.py)/, '');
    return cut(text, columns) === text ? text : cut(text, columns - 2) + '..';
  }

  // What stays is not set again: in a large picture that is what takes the time.
  function set(element, attribute, value) {
    if (element.getAttribute(attribute) !== value)
      element.setAttribute(attribute, value);
  }

  function place(frame, x, w) {
    set(frame.rect, 'x', x.toFixed(2));
    set(frame.rect, 'width', w.toFixed(2));
    const columns = Math.floor((w - 2 * GAP) / COLUMN);
    const label = columns < COLUMNS_MIN ? '' : fit(name(frame), columns);
    if (label && !frame.text) {
      frame.text = document.createElementNS(SVG, 'text');
      frame.text.setAttribute('y', '11.5');
      frame.rect.after(frame.text);
    }
    if (frame.text && frame.label !== label)
      frame.text.textContent = label;
    if (label)
      set(frame.text, 'x', (x + GAP).toFixed(2));
    frame.label = label;
  }

  function show(frame, shown) {
    if (frame.shown === shown)
      return;
    frame.shown = shown;
    frame.rect.style.display = shown ? '' : 'none';
    if (frame.text)
      frame.text.style.display = shown ? '' : 'none';
  }

  // What stands on the zoomed frame gets the whole width; what it stands on stays, faded.
  function draw() {
    const plot = width - 2 * PAD, up = new Set();
    for (let f = zoomed.parent; f; f = f.parent)
      up.add(f);
    for (const f of frames) {
      f.inside = f === zoomed || (f.parent !== null && f.parent.inside);
      const w = up.has(f) ? plot : f.value / zoomed.value * plot;
      show(f, up.has(f) || (f.inside && w >= 0.05));
      if (f.shown)
        place(f, up.has(f) ? 0 : (f.start - zoomed.start) / zoomed.value * plot, w);
      if (f.up !== up.has(f))
        f.rect.classList.toggle('up', f.up = up.has(f));
    }
    reset.hidden = zoomed === root;
  }

  // On the screen the picture is as wide as the window.
  function resize() {
    const now = Math.max(svg.getBoundingClientRect().width, 300);
    if (now === width)
      return;
    width = now;
    bar.setAttribute('width', Math.min(width - 2 * PAD, 560));
    bar.setAttribute('x', width - PAD - bar.getAttribute('width'));
    draw();
  }

  // Details.
  function describe(frame) {
    if (!frame) {
      details.textContent = summary;
      return;
    }
    let text = title(frame).split('\n').join('  \u00b7  ');
    if (zoomed !== root && frame !== zoomed && frame.inside)
      text += '  \u00b7  ' + (100 * frame.value / zoomed.value).toFixed(2) + ' % of the zoomed frame';
    details.textContent = text;
  }

  // Search. Smart case: a text without capitals finds both.
  function matcher(text) {
    const small = text === text.toLowerCase();
    try {
      const regex = new RegExp(text, small ? 'i' : '');
      return s => regex.test(s);
    } catch (e) {
      return s => (small ? s.toLowerCase() : s).includes(text);
    }
  }

  function search(text) {
    const test = matcher(text);
    let sum = 0;
    sought = text;
    for (const f of frames) {
      const hit = text !== '' && test(name(f));
      if (f.hit !== hit)
        f.rect.classList.toggle('hit', f.hit = hit);
      f.covered = f.parent !== null && (f.parent.hit || f.parent.covered);
      sum += f.hit && !f.covered ? f.value : 0;
    }
    matched.textContent = text ? 'Matched: ' + (100 * sum / root.value).toFixed(1) + ' %' : '';
    if (box.value !== text)
      box.value = text;
  }

  function zoom(frame) {
    zoomed = frame;
    draw();
    describe(frame === root ? null : frame);
  }

  // The address holds what is shown: #x=ROW.START&s=SEARCH
  function remember() {
    const parts = [];
    if (zoomed !== root)
      parts.push('x=' + zoomed.row + '.' + zoomed.rect.dataset.f.split(' ')[0]);
    if (sought)
      parts.push('s=' + encodeURIComponent(sought));
    try {
      history.replaceState(null, '', '#' + parts.join('&'));
    } catch (e) {
      // a page that may not: nothing is remembered
    }
  }

  function recall() {
    const said = { x: '', s: '' };
    for (const part of (location.hash || location.search).slice(1).split('&')) {
      try {
        said[part.split('=', 1)[0]] = decodeURIComponent(part.slice(part.indexOf('=') + 1));
      } catch (e) {
        // no address of ours
      }
    }
    const [row, start] = said.x.split('.');
    const frame = frames.find(f => f.row === Number(row) && f.rect.dataset.f.split(' ')[0] === start);
    if (frame || zoomed !== root)
      zoom(frame || root);
    if (said.s !== sought)
      search(said.s);
  }

  // Buttons and the field, which are of no use without this script.
  function element(tag, properties) {
    return Object.assign(document.createElementNS(HTML, tag), properties);
  }
  const bar = document.createElementNS(SVG, 'foreignObject');
  const reset = element('button', { className: 'reset', textContent: 'Reset zoom', hidden: true });
  const matched = element('span', { className: 'matched' });
  const box = element('input', { className: 'search', type: 'search', placeholder: 'Search (Ctrl-F)',
    title: 'a regular expression, or part of a name' });
  function addBar() {
    const line = element('div', { className: 'bar' });
    line.append(reset, matched, box);
    matched.setAttribute('role', 'status');
    box.setAttribute('aria-label', 'Search frames');
    bar.setAttribute('y', 6);
    bar.setAttribute('height', 28);
    bar.append(line);
    svg.append(bar);
  }

  // Keys: arrows walk, Enter zooms, Escape goes back, Ctrl-F or / searches.
  function neighbour(step) {
    let i = frames.indexOf(focused) + step;
    while (frames[i] && frames[i].row === focused.row && !frames[i].shown)
      i += step;
    return frames[i] && frames[i].row === focused.row ? frames[i] : null;
  }

  function widestChild() {
    return frames.reduce((best, f) => f.parent === focused && f.shown && (!best || f.value > best.value) ? f : best, null);
  }

  function focus(frame) {
    if (!frame)
      return;
    focused.rect.removeAttribute('tabindex');
    focused = frame;
    frame.rect.setAttribute('tabindex', '0');
    frame.rect.focus();
  }

  function onFrameKey(event) {
    const walk = { ArrowUp: widestChild, ArrowDown: () => focused.parent,
      ArrowLeft: () => neighbour(-1), ArrowRight: () => neighbour(1) }[event.key];
    if (walk)
      focus(walk());
    else if (event.key === 'Enter' || event.key === ' ')
      choose(focused);
    else
      return;
    event.preventDefault();
  }

  function choose(frame) {
    zoom(frame);
    remember();
  }

  function onKey(event) {
    const searching = document.activeElement === box;
    if (event.key === 'Escape') {
      if (searching && box.value) {
        search('');
        remember();
      } else {
        choose(root);
      }
    } else if (!searching && (event.key === '/' || (event.key === 'f' && (event.ctrlKey || event.metaKey)))) {
      event.preventDefault();
      box.focus();
      box.select();
    } else if (frameOf.has(document.activeElement)) {
      onFrameKey(event);
    }
  }

  readFrames();
  addBar();
  svg.removeAttribute('viewBox');
  svg.setAttribute('width', '100%');
  root.rect.setAttribute('tabindex', '0');
  svg.addEventListener('click', function (event) {
    if (frameOf.has(event.target))
      choose(frameOf.get(event.target));
  });
  svg.addEventListener('mouseover', event => describe(frameOf.get(event.target)));
  svg.addEventListener('focusin', event => describe(frameOf.get(event.target)));
  reset.addEventListener('click', () => choose(root));
  box.addEventListener('input', function () {
    search(box.value);
    remember();
  });
  window.addEventListener('keydown', onKey);
  window.addEventListener('resize', resize);
  window.addEventListener('hashchange', recall);
  resize();
  recall();
})();
