"use strict";
// Everything shown comes from the JSON in this page and in the files beside it, and reaches the
// document as text (append and textContent), never as markup. The hash holds the state, so that
// a filtered list can be shared or gone back to.
const { rows: given, rest } = JSON.parse(document.getElementById("data").textContent);
const { rules, texts, booth, pairs, moves, verdicts, states, outcomes, words, aSheet } = rest;
const STEP = 20; // rows drawn at a time, as they are scrolled to: more than a screen
const PAIRS = 100;
const GROUPS = { ...verdicts, other: rest.other };
const SIGNS = { pass: "✓", retake: "↻", fail: "!", missing: "–", other: "?" };
const NEED = { retake: 0, fail: 1, missing: 2, other: 3, pass: 4 };
const FILTERS = ["state", "college", "major", "class", "camera", "hour"];

const at = (id) => document.getElementById(id);
const count = (n) => n.toLocaleString(document.documentElement.lang);

function el(tag, props, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(props ?? {})) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (value !== false && value != null) node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child != null && child !== ""));
  return node;
}

// Its direction stays its own; a long file name is cut by the style sheet, whole in the title.
const outside = (text, name) => el("bdi", { class: name, title: name === "file" ? text : null }, text);
const fault = Object.fromEntries(rules.map(([code, text]) => [code, text]));

/* What rows are found by */

const units = []; // the classes, each once: rows are counted by its place
const unitOf = new Map();

// All rows have the same keys in the same order, which the engine runs through several times faster.
const NOTHING = { s: "", n: "", c: null, v: "", g: "", t: "", e: null, r: null, a: null, u: "", p: "", i: null, m: null, b: null, w: null, k: null, h: "", x: null };

const rows = given.map((own, at) => {
  const row = { ...NOTHING, ...own, at, state: "", college: "", major: "", class: "", camera: "", hour: "", hay: "", unit: null };
  row.r = [...new Set(own.r)];
  row.a ??= [];
  row.x ??= [];
  row.state = row.t;
  [row.college, row.major, row.class] = (row.c ?? [null, null, null]).map((n) => texts[n] ?? "");
  row.camera = texts[row.k] ?? "";
  row.hour = row.h.slice(5, 13).replace(":", "-");
  row.hay = [row.s, row.n, row.college, row.major, row.class, row.p, ...row.x.flat()].filter(Boolean).join("\n").toLowerCase();
  if (row.g === "other") return row; // strays are in no class
  const unit = [row.college, row.major, row.class].join("\n");
  if (!unitOf.has(unit)) unitOf.set(unit, units.push({ unit, row }) - 1);
  row.unit = unitOf.get(unit);
  return row;
});

/* State */

function readState() {
  const hash = new URLSearchParams(location.hash.slice(1));
  const verdict = hash.get("verdict") ?? "";
  const state = { verdict: Object.hasOwn(GROUPS, verdict) ? verdict : "", q: hash.get("q") ?? "" };
  for (const key of [...FILTERS, "sort"]) state[key] = hash.get(key) ?? "";
  state.code = (hash.get("code") ?? "").split(",").filter(Boolean);
  state.photo = hash.get("photo") ?? "";
  return state;
}

function go(change, { replace = false } = {}) {
  const next = { ...readState(), photo: "", ...change };
  const hash = new URLSearchParams();
  for (const [key, value] of Object.entries(next)) if (value.length) hash.set(key, value);
  if (replace) location.replace(`#${hash}`);
  else location.hash = hash;
}

function select(state) {
  const sought = state.q.toLowerCase().split(/\s+/).filter(Boolean);
  const joined = FILTERS.filter((key) => state[key]);
  let wider = ordered(state.sort);
  for (const key of joined) wider = wider.filter((row) => row[key] === state[key]);
  for (const word of sought) wider = wider.filter((row) => row.hay.includes(word));
  const shown = state.verdict ? wider.filter((row) => row.g === state.verdict) : wider;
  const chosen = state.code.length
    ? shown.filter((row) => state.code.every((code) => row.r.includes(code)))
    : shown;
  return { wider, shown, chosen };
}

const ORDER = {
  "": (a, b) => NEED[a.g] - NEED[b.g] || a.at - b.at,
  roster: (a, b) => a.at - b.at,
  number: (a, b) => (a.s < b.s ? -1 : 1),
  class: (a, b) => (a.class === b.class ? a.at - b.at : a.class < b.class ? -1 : 1),
  time: (a, b) => (a.h === b.h ? a.at - b.at : (a.h || "~") < (b.h || "~") ? -1 : 1), // no time: last
};
const inOrder = new Map(); // all rows, sorted once each way: what filters leave stays sorted

function ordered(how) {
  if (!inOrder.has(how)) inOrder.set(how, [...rows].sort(ORDER[how] ?? ORDER[""]));
  return inOrder.get(how);
}

/* Filters */

function tile(group, label, total, note, state) {
  const pressed = state.verdict === group;
  return el(
    "button",
    {
      type: "button", class: `tile ${group || "all"}`, "aria-pressed": String(pressed),
      onclick: () => go({ verdict: pressed ? "" : group, code: [] }),
    },
    el("span", { class: "label" }, label),
    el("strong", {}, count(total)),
    el("span", { class: "note" }, note),
  );
}

function drawTiles(state, wider) {
  const totals = Object.fromEntries(Object.keys(GROUPS).map((group) => [group, 0]));
  for (const row of wider) totals[row.g] += 1;
  const students = wider.length - totals.other; // strays are counted apart
  const percent = (n) => (students ? `${Math.round((n / students) * 100)}%` : "");
  const tiles = Object.entries(GROUPS)
    .filter(([group]) => group !== "other" || totals.other)
    .map(([group, label]) =>
      tile(group, label, totals[group], group === "other" ? words.other_note : percent(totals[group]), state));
  at("tiles").replaceChildren(tile("", words.all, students, words.all_note, state), ...tiles);
}

function drawCodes(state, shown) {
  const found = new Map();
  for (const row of shown) for (const code of row.r) found.set(code, (found.get(code) ?? 0) + 1);
  for (const code of state.code) if (!found.has(code)) found.set(code, 0);
  const most = Math.max(1, ...found.values());
  const byCount = [...found].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  const buttons = byCount.map(([code, n]) => {
    const pressed = state.code.includes(code);
    const bar = el("span", { class: "fill" });
    bar.style.width = `${(n / most) * 100}%`;
    return el(
      "button",
      {
        type: "button", class: "code", "aria-pressed": String(pressed),
        onclick: () => go({ code: pressed ? state.code.filter((c) => c !== code) : [...state.code, code] }),
      },
      el("span", { class: "fault" }, fault[code] ?? code),
      el("span", { class: "n" }, count(n)),
      el("span", { class: "id" }, code),
      el("span", { class: "track", "aria-hidden": "true" }, bar),
    );
  });
  at("codes").replaceChildren(...(buttons.length ? buttons : [el("p", { class: "muted" }, words.no_reasons)]));
}

const nameOf = (key, value) => (key === "state" ? states[value] ?? value : value);

function makeFilters() {
  const selects = FILTERS.flatMap((key) => {
    const values = [...new Set(rows.map((row) => row[key]))].filter(Boolean).sort();
    if (values.length < 2) return [];
    const all = el("option", { value: "" }, words.every.replace("{what}", words[key]));
    return [el("select", { name: key, "aria-label": words[key], onchange: (e) => go({ [key]: e.target.value }) },
      all, ...values.map((value) => el("option", { value }, nameOf(key, value))))];
  });
  const orders = ["need", "roster", "number", "class", "time"].map((how) =>
    el("option", { value: how === "need" ? "" : how }, `${words.sort}: ${words[`sort_${how}`]}`));
  selects.push(el("select", { name: "sort", "aria-label": words.sort, onchange: (e) => go({ sort: e.target.value }) }, ...orders));
  at("filters").replaceChildren(...selects);
}

/* Counts by class */

let toCount = []; // of which rows; counted where someone looks

function drawClasses(wider) {
  toCount = wider;
  const counts = new Map();
  if (at("classes").open) {
    for (const row of wider) {
      if (row.unit === null) continue;
      if (!counts.has(row.unit)) counts.set(row.unit, { n: 0, pass: 0, retake: 0, fail: 0, missing: 0 });
      const line = counts.get(row.unit);
      line.n += 1;
      line[row.v] += 1;
    }
  }
  const lines = [...counts].map(([at_, line]) => ({ ...units[at_], ...line }))
    .sort((a, b) => (a.unit < b.unit ? -1 : 1)).map((line) => el("tr", {},
    el("td", {}, outside([line.row.college, line.row.major].filter(Boolean).join(" · "), "class")),
    el("td", {}, line.row.class
      ? el("button", { type: "button", class: "link", onclick: () => { go({ class: line.row.class, college: line.row.college }); scrollTo(0, 0); } }, outside(line.row.class))
      : words.no_class),
    ...["n", ...Object.keys(verdicts)].map((key) => el("td", { class: "n" }, count(line[key])))));
  at("classes").hidden = units.length < 2;
  at("classlist").replaceChildren(el("table", { class: "counts" },
    el("thead", {}, el("tr", {}, ...["", words.class, words.students, ...Object.values(verdicts)].map((head) =>
      el("th", { scope: "col" }, head)))),
    el("tbody", {}, ...lines)));
}

at("classes").addEventListener("toggle", () => drawClasses(toCount));

/* Rows */

const SVG = "http://www.w3.org/2000/svg";

// A thumbnail is a cell of a sheet of a hundred; a preview has a file of its own.
function picture(shown, alt) {
  if (typeof shown === "string") return el("img", { class: "thumb", src: `report_files/${shown}`, alt, loading: "lazy", width: 60, height: 80 });
  if (shown == null) return el("span", { class: "thumb empty" }, words.no_picture);
  const [sheet, cell] = [Math.floor(shown / aSheet), shown % aSheet];
  const svg = document.createElementNS(SVG, "svg");
  const image = document.createElementNS(SVG, "image");
  const [x, y] = [(cell % 10) * 120, Math.floor(cell / 10) * 160];
  for (const [key, value] of Object.entries({ class: "thumb", viewBox: `${x} ${y} 120 160`, width: 60, height: 80, role: "img", "aria-label": alt || words.picture })) svg.setAttribute(key, value);
  for (const [key, value] of Object.entries({ href: `report_files/thumbs-${String(sheet).padStart(4, "0")}.jpg`, width: 1200, height: 1600 })) image.setAttribute(key, value);
  svg.append(image);
  return svg;
}

// A state that says no more than the verdict beside it is left out.
const SAME = ["missing", "passed", "retake", "review"];
const stateOf = (row) => (row.t && !SAME.includes(row.t) ? el("span", { class: "state" }, states[row.t]) : null);

const badge = (row) =>
  el("span", { class: `badge ${row.v}` }, el("span", { "aria-hidden": "true" }, SIGNS[row.v]), verdicts[row.v]);

function reasonList(row) {
  if (row.v === "missing") {
    return el("ul", { class: "why" }, el("li", {}, rest.missing[0], el("span", { class: "hint" }, rest.missing[1])));
  }
  if (!row.a.length) return el("p", { class: "fine" }, row.v === "pass" ? words.fine : "");
  return el("ul", { class: "why" },
    ...row.a.map(([student, photographer, codes]) => el("li", {},
      outside(texts[student], "student"),
      el("span", { class: "hint" }, el("b", {}, words.photographer), outside(texts[photographer])),
      el("span", { class: "record" }, ...codes.map((code) => el("span", { class: "id", title: fault[code] }, code))))),
    row.u ? el("li", { class: "muted" }, row.u) : null);
}

const whatIs = (row) => (row.g !== "other" ? null : row.s ? words.second : words.stray);
const where = (row) => [row.college, row.major, row.class].filter(Boolean).join(" · ");

function drawRow(row) {
  const cell = (name, ...children) => el("td", { role: "cell", class: name }, ...children);
  const what = whatIs(row);
  const open = el("button", { type: "button", class: "open", onclick: () => openPhoto(row) },
    row.s ? outside(row.s, "number") : outside(row.p, "file"));
  return el("tr", { role: "row", "data-at": row.at, onclick: (e) => e.target.closest("button, a") || openPhoto(row) },
    cell("pic", picture(row.m ? row.i : null, "")),
    cell("who", open, row.n ? outside(row.n, "name") : null,
      what && el("span", { class: "muted" }, what),
      where(row) ? outside(where(row), "class") : null,
      ...row.x.map(([head, value]) => el("span", { class: "contact" }, `${head} `, outside(value))),
      row.p && row.s ? outside(row.p, "file") : null),
    cell("verdict", badge(row), stateOf(row)),
    cell("what", reasonList(row)));
}

function table(name, heads, lines) {
  return el("table", { class: name, role: "table" },
    el("thead", { role: "rowgroup" }, el("tr", { role: "row" },
      ...heads.map((head) => el("th", { scope: "col", role: "columnheader" }, head)))),
    el("tbody", { role: "rowgroup" }, ...lines));
}

let chosen = []; // the rows of the list, in its order
let drawn = 0; // how many of them are in the document

function drawMore(upTo) {
  const body = at("list").querySelector("tbody");
  if (!body || drawn >= chosen.length) return;
  const next = Math.min(chosen.length, upTo ?? drawn + STEP);
  body.append(...chosen.slice(drawn, next).map(drawRow));
  drawn = next;
}

function drawList(whole) {
  drawn = 0;
  at("span").textContent = chosen.length ? words.span.replace("{n}", count(chosen.length)) : "";
  at("list").replaceChildren(chosen.length
    ? table("rows", [words.picture, words.student, words.verdict, words.reasons], [])
    : el("p", { class: "empty-list" }, words.none, " ",
        el("button", { type: "button", class: "plain", onclick: () => { location.hash = ""; } }, words.reset)));
  drawMore(whole ? chosen.length : STEP);
}

new IntersectionObserver((seen) => {
  while (seen.some((one) => one.isIntersecting) && drawn < chosen.length) {
    drawMore();
    if (at("end").getBoundingClientRect().top > innerHeight + 600) break;
  }
}, { rootMargin: "600px" }).observe(at("end"));

/* What paper says of itself */

function sayPrinted(state) {
  const filters = [
    state.verdict && GROUPS[state.verdict],
    ...FILTERS.map((key) => state[key] && `${words[key]} ${nameOf(key, state[key])}`),
    ...state.code.map((code) => `${code} ${fault[code] ?? ""}`),
    state.q && `“${state.q}”`,
  ].filter(Boolean);
  const totals = Object.fromEntries(Object.keys(GROUPS).map((group) => [group, 0]));
  for (const row of chosen) totals[row.g] += 1;
  at("printed").textContent = [
    filters.join(" · ") || words.all,
    words.span.replace("{n}", count(chosen.length)),
    ...Object.entries(totals).filter(([, n]) => n).map(([group, n]) => `${GROUPS[group]} ${count(n)}`),
    rest.newest && words.newest.replace("{day}", rest.newest),
  ].filter(Boolean).join("  ·  ");
}

/* Faults of the booth */

at("booth").hidden = booth.length === 0;
at("boothlist").replaceChildren(...booth.map(([name, text, order]) =>
  el("li", {}, el("span", { class: "id" }, name), outside(text), el("span", { class: "hint" }, order))));

/* Pairs, and proposed corrections */

const find = (student) =>
  el("button", { type: "button", class: "link", onclick: () => { go({ verdict: "", code: [], q: student }); scrollTo(0, 0); } }, outside(student));

function drawSome(place, list, limit, lines, heads, name) {
  at(place).hidden = list.length === 0;
  if (!list.length) return;
  const into = at(`${place.slice(0, -1)}list`);
  into.replaceChildren(table(name, heads, list.slice(0, limit).map(lines)));
  if (list.length > limit) {
    into.append(el("button", { type: "button", class: "plain", onclick: () => drawSome(place, list, limit + PAIRS, lines, heads, name) }, words.more));
  }
}

const side = (student, photo, shown) =>
  el("div", { class: "side" }, picture(shown, ""), el("div", {}, student && find(student), photo && outside(photo, "file")));

drawSome("pairs", pairs, PAIRS, ([kind, a, b, photoA, photoB, shownA, shownB, score, because]) =>
  el("tr", {},
    el("td", { class: "case" }, kind, el("span", { class: "muted" }, `${words.score} ${score}`)),
    el("td", {}, el("div", { class: "sides" }, side(a, photoA, shownA),
      side(b, photoB || (shownB == null ? "" : words.record_picture), shownB))),
    el("td", {}, outside(because))),
  [words.kind, words.picture, words.because], "pairs");
drawSome("moves", moves, PAIRS, ([cause, photo, student, proposed, because]) =>
  el("tr", {}, el("td", {}, cause), el("td", {}, outside(photo, "file")),
    el("td", {}, student ? find(student) : ""), el("td", {}, find(proposed)), el("td", {}, outside(because))),
  [words.cause, words.picture, words.stands, words.proposed, words.because], "pairs moves");

/* Life */

let last = null; // the filters that the list was drawn by

function draw(whole = false) {
  const state = readState();
  const { photo, ...filters } = state;
  const asked = JSON.stringify(filters) + whole;
  if (asked !== last) {
    last = asked;
    const found = select(state);
    chosen = found.chosen;
    if (at("search").value !== state.q) at("search").value = state.q;
    for (const box of at("filters").children) box.value = state[box.name];
    const focused = document.activeElement?.closest("#tiles, #codes");
    const place = focused && [...focused.children].indexOf(document.activeElement);
    drawTiles(state, found.wider);
    drawCodes(state, found.shown);
    drawClasses(found.wider);
    drawList(whole === true);
    sayPrinted(state);
    focused?.children[place]?.focus(); // a redraw must not drop the keyboard's place
  }
  showPhoto(photo);
}
