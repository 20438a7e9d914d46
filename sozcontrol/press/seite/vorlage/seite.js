{
const MONTHS = 'Jan Feb Mär Apr Mai Jun Jul Aug Sep Okt Nov Dez'.split(' ');
const QUARTERS = ['I', 'II', 'III', 'IV'];
const UNITS = { Mrd: 1e9, Mio: 1e6, 'T€': 1e3 };
const make = (tag, given) => Object.assign(document.createElement(tag), given);

const said = cell => {
  const copy = cell.cloneNode(true);
  copy.querySelectorAll('.soz-unsichtbar, .soz-kurz, svg').forEach(e => e.remove());
  copy.querySelectorAll('small').forEach(e => e.before(' '));
  return copy.textContent.replace(/\u00ad/g, '').replace(/\s+/g, ' ').trim();
};
const number = text => {
  const hit = text.match(/(−?)(\d[\d.]*(?:,\d+)?)\s*(Mrd|Mio|T€)?/);
  const plain = hit && hit[2].replaceAll('.', '').replace(',', '.') * (UNITS[hit[3]] || 1);
  if (!hit) return text === 'im Ansatz' ? 0 : null;
  return hit[1] || /^(besser|◂)/.test(text) ? -plain : plain;
};
const day = text => {
  const [, d, m, quarter, name, y] =
    text.match(/^(?:(\d+)\.(\d+)\.|([IV]+)\/|([A-Z]\S\S)\S* )(\d{4})$/) || [];
  const month = m || QUARTERS.indexOf(quarter) + MONTHS.indexOf(name) + 2;
  return y && month > 0 ? y * 372 + month * 31 + +(d || 0) : null;
};
// null (hidden, not there) is always last
const keys = cells => {
  const texts = cells.map(cell => {
    const text = cell.querySelector('.soz-geheim') ? '' : said(cell);
    return /^[•–]?$/.test(text) ? null : text;
  });
  const known = texts.filter(text => text), read = by => texts.map(text => text && by(text));
  if (known.filter(day).length * 2 > known.length) return read(day);
  const figure = /^((besser|schlechter) um|im Ansatz$|[−+]?[\d.,]+( \S{1,4})*$)/;
  const right = cells[0].className.includes('soz-zahl') || known.every(text => figure.test(text));
  return right ? read(number) : texts;
};
const compare = (a, b, turn) => a === null || b === null ? (a === null) - (b === null)
  : turn * (a.big ? a.localeCompare(b, 'de', { numeric: true }) : a - b);

const sortable = (head, all, rows, sums) => head.forEach((th, at) => {
  const column = rows.map(row => row.cells[at]);
  if (th.tagName !== 'TH' || !column.some(said)) return;
  const button = make('button', { className: 'soz-sortieren' });
  button.append(...th.childNodes);
  th.append(button);
  button.onclick = () => {
    const turn = { ascending: -1, descending: 0 }[th.ariaSort] ?? 1;
    head.forEach(other => other.removeAttribute('aria-sort'));
    if (turn) th.ariaSort = turn > 0 ? 'ascending' : 'descending';
    const key = keys(column);
    const order = [...rows.keys()].sort((a, b) => compare(key[a], key[b], turn));
    all[0].parentNode.append(...turn ? [...order.map(k => rows[k]), ...sums] : all);
  };
});

const filterable = (table, rows, sums) => {
  const box = make('p', { className: 'soz-filter' }), told = make('span', { role: 'status' });
  const field = make('input', { type: 'search' });
  field.ariaLabel = 'Zeilen filtern: ' + said(table.caption || box);
  box.append('Zeilen filtern ', field, told);
  const texts = rows.map(row => [...row.cells].map(said).join(' ').toLowerCase());
  field.oninput = () => {
    const words = field.value.toLowerCase().match(/\S+/g) || [];
    rows.forEach((row, k) => row.hidden = !words.every(word => texts[k].includes(word)));
    const left = rows.filter(row => !row.hidden).length;
    const more = sums[0] ? '; Summen gelten für alle' : '';
    told.textContent = words[0] ? `${left} von ${rows.length} Zeilen${more}` : '';
  };
  (table.closest('.soz-tafel') || table).before(box);
};

// laid out as blocks a table loses its roles in some browsers
const ROLES = { TABLE: 'table', THEAD: 'rowgroup', TBODY: 'rowgroup', TR: 'row', TD: 'cell' };
for (const e of document.querySelectorAll('table, thead, tbody, tr, th, td'))
  e.role ||= ROLES[e.tagName] || (e.scope === 'row' ? 'rowheader' : 'columnheader');

for (const table of document.querySelectorAll('table:has(> thead > tr:only-child)')) {
  const all = [...table.tBodies[0].rows], head = [...table.tHead.rows[0].cells];
  const sums = all.filter(row => row.className.includes('summe'));
  const rows = all.filter(row => !sums.includes(row));
  if (table.matches('.soz-vielfach, .soz-profile')) continue; // cards have no head to press
  if (rows.length < 8 || all.some(row => row.cells.length !== head.length)) continue;
  const plain = !sums.some(row => row.className.includes('zwischen'));
  if (plain && !table.tHead.className) sortable(head, all, rows, sums);
  if (rows.length > 11 && !table.closest('.soz-blatt')) filterable(table, rows, sums);
}
}
