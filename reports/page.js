"use strict";
// Everything shown comes from the JSON in this page and reaches the document as text
// (append and textContent), never as markup. The hash holds the state, so that a
// filtered list can be shared or gone back to.
const { rows, rest } = JSON.parse(document.getElementById("data").textContent);
const { kinds, rules, texts, booth, pairs, moves, verdicts, outcomes, words } = rest;
const PAGE = 100;
const GROUPS = { ...verdicts, other: rest.other };
const SIGNS = { pass: "✓", retake: "↻", fail: "!", missing: "–", other: "?" };

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
const codeOf = (kind) => rules[kinds[kind][0]][0];

/* State */

function readState() {
  const hash = new URLSearchParams(location.hash.slice(1));
  const verdict = hash.get("verdict") ?? "";
  return {
    verdict: Object.hasOwn(GROUPS, verdict) ? verdict : "",
    code: hash.get("code") ?? "",
    q: hash.get("q") ?? "",
    page: Math.max(1, Number.parseInt(hash.get("page"), 10) || 1),
  };
}

function go(change, { replace = false } = {}) {
  const next = { ...readState(), page: 1, ...change };
  const hash = new URLSearchParams();
  for (const [key, value] of Object.entries(next)) {
    if (value && !(key === "page" && value === 1)) hash.set(key, value);
  }
  if (replace) location.replace(`#${hash}`);
  else location.hash = hash;
}

for (const row of rows) row.codes = [...new Set((row.r ?? []).map(codeOf))];
const haystack = (row) =>
  (row.hay ??= [row.s, row.n, row.c, row.p].filter(Boolean).join("\n").toLowerCase());

function select(state) {
  const words = state.q.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = rows.filter(
    (row) =>
      (!state.verdict || row.g === state.verdict) &&
      words.every((word) => haystack(row).includes(word)),
  );
  return { shown, chosen: state.code ? shown.filter((r) => r.codes.includes(state.code)) : shown };
}

/* Filters */

function tile(group, label, total, note, state) {
  const pressed = state.verdict === group;
  return el(
    "button",
    {
      type: "button", class: `tile ${group || "all"}`, "aria-pressed": String(pressed),
      onclick: () => go({ verdict: pressed ? "" : group, code: "" }),
    },
    el("span", { class: "label" }, label),
    el("strong", {}, count(total)),
    el("span", { class: "note" }, note),
  );
}

const totals = Object.fromEntries(Object.keys(GROUPS).map((group) => [group, 0]));
for (const row of rows) totals[row.g] += 1;

function drawTiles(state) {
  const students = rows.length - totals.other;
  const percent = (n) => (students ? `${Math.round((n / students) * 100)}%` : "");
  const tiles = Object.entries(GROUPS)
    .filter(([group]) => group !== "other" || totals.other)
    .map(([group, label]) =>
      tile(group, label, totals[group], group === "other" ? words.other_note : percent(totals[group]), state));
  at("tiles").replaceChildren(tile("", words.all, rows.length, words.all_note, state), ...tiles);
}

function drawCodes(state, shown) {
  const found = new Map();
  for (const row of shown) for (const code of row.codes) found.set(code, (found.get(code) ?? 0) + 1);
  if (state.code && !found.has(state.code)) found.set(state.code, 0);
  const fault = Object.fromEntries(rules.map(([code, text]) => [code, text]));
  const most = Math.max(1, ...found.values());
  const sorted = [...found].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  const buttons = sorted.map(([code, n]) => {
    const pressed = state.code === code;
    const bar = el("span", { class: "fill" });
    bar.style.width = `${(n / most) * 100}%`;
    return el(
      "button",
      {
        type: "button", class: "code", "aria-pressed": String(pressed),
        onclick: () => go({ code: pressed ? "" : code }),
      },
      el("span", { class: "fault" }, fault[code] ?? code),
      el("span", { class: "n" }, count(n)),
      el("span", { class: "id" }, code),
      el("span", { class: "track", "aria-hidden": "true" }, bar),
    );
  });
  at("codes").replaceChildren(...(buttons.length ? buttons : [el("p", { class: "muted" }, words.no_reasons)]));
}

/* Rows */

function picture(index, alt) {
  if (index == null) return el("span", { class: "thumb empty" }, words.no_picture);
  const src = `report_files/${String(index).padStart(6, "0")}.jpg`;
  return el("img", { class: "thumb", src, alt, loading: "lazy", width: 60, height: 80 });
}

const badge = (verdict) =>
  el("span", { class: `badge ${verdict}` }, el("span", { "aria-hidden": "true" }, SIGNS[verdict]), verdicts[verdict]);

function reasonList(row) {
  if (row.v === "missing") {
    return el("ul", { class: "why" }, el("li", {}, rest.missing[0], el("span", { class: "hint" }, rest.missing[1])));
  }
  if (!row.r) return el("p", { class: "fine" }, row.v === "pass" ? words.fine : "");
  const record = (kind) =>
    el("span", { class: "record" }, el("span", { class: "id" }, codeOf(kind)), outside(kinds[kind][4]));
  return el("ul", { class: "why" },
    ...row.a.map(([student, photographer, places, own]) => el("li", {},
      outside(texts[student], "student"),
      el("span", { class: "hint" }, el("b", {}, words.photographer), outside(texts[photographer])),
      own == null ? null : el("span", { class: "record" }, outside(texts[own])),
      ...places.map((place) => record(row.r[place])))),
    row.u ? el("li", { class: "muted" }, row.u) : null);
}

function limits(low, high, unit) {
  if (low == null && high == null) return "";
  if (low == null) return `${words.at_most}${high}${unit}`;
  if (high == null) return `${words.at_least}${low}${unit}`;
  return `${low}–${high}${unit}`;
}

const WEIGHT = { broken: 0, skipped: 1, noted: 2, passed: 3, not_applicable: 4 };

function detailTable(row) {
  const told = new Set(row.r); // the reasons above need no second telling
  const lines = [];
  const open = []; // codes that nobody is told of one by one
  for (let i = 0; i < row.f.length; i += 2) {
    const [rule, outcome, low, high, text, other] = kinds[row.f[i]];
    const [code, fault, note, own, unit, decimals] = rules[rule];
    if (outcome === "skipped" && !told.has(row.f[i])) {
      open.push(code);
      continue;
    }
    const quantity = other || own;
    const measured = row.f[i + 1] == null ? "" : `${row.f[i + 1].toFixed(decimals)}${unit}`;
    const kept = (text && outcome === "passed") || outcome === "borderline";
    const state = kept || (note && outcome === "broken") ? "noted" : outcome;
    lines.push([WEIGHT[state], el("tr", { class: state },
      el("td", { class: "id" }, code),
      el("td", {}, fault, told.has(row.f[i]) || !text ? "" : el("span", { class: "because" }, outside(text))),
      el("td", { class: "outcome" }, state === "noted" ? words.note : outcomes[outcome]),
      el("td", {}, measured && quantity ? `${quantity} ${measured}` : measured),
      el("td", {}, limits(low, high, unit)))]);
  }
  if (open.length) {
    lines.push([WEIGHT.skipped, el("tr", { class: "skipped" }, el("td", { class: "id" }, ""),
      el("td", { colspan: 4 }, words.open.replace("{n}", count(open.length)),
        el("span", { class: "because" }, open.join(" "))))]);
  }
  lines.sort(([a], [b]) => a - b); // stable: by code within
  const heads = ["", words.rule, words.outcome, words.measured, words.limits];
  return el("div", { class: "scroll" }, el("table", { class: "checks" },
    el("thead", {}, el("tr", {}, ...heads.map((head) => el("th", { scope: "col" }, head)))),
    el("tbody", {}, ...lines.map(([, line]) => line))));
}

function details(row) {
  if (!row.f) return null;
  const node = el("details", { class: "more" }, el("summary", {}, words.details));
  // Made when first opened: a page of a hundred would hold six thousand lines.
  node.addEventListener("toggle", () => node.open && node.children.length === 1 && node.append(detailTable(row)));
  return node;
}

function drawRow(row) {
  const what = row.g !== "other" ? null : row.s ? words.second : words.stray;
  const cell = (name, ...children) => el("td", { role: "cell", class: name }, ...children);
  return el("tr", { role: "row" },
    cell("pic", picture(row.i, "")),
    cell("who",
      row.s ? outside(row.s, "number") : null, row.n ? outside(row.n, "name") : null,
      what && el("span", { class: "muted" }, what),
      row.c ? outside(row.c, "class") : null, row.p ? outside(row.p, "file") : null),
    cell("verdict", badge(row.v)),
    cell("what", reasonList(row), details(row)));
}

function table(name, heads, lines) {
  return el("table", { class: name, role: "table" },
    el("thead", { role: "rowgroup" }, el("tr", { role: "row" },
      ...heads.map((head) => el("th", { scope: "col", role: "columnheader" }, head)))),
    el("tbody", { role: "rowgroup" }, ...lines));
}

function drawList(chosen, state, whole) {
  const pages = Math.max(1, Math.ceil(chosen.length / PAGE));
  const page = Math.min(state.page, pages);
  const start = whole ? 0 : (page - 1) * PAGE;
  const part = whole ? chosen : chosen.slice(start, start + PAGE);
  const values = { a: count(start + 1), b: count(start + part.length), n: count(chosen.length) };
  at("span").textContent = part.length ? words.span.replace(/\{(\w)\}/g, (_, key) => values[key]) : "";
  at("list").replaceChildren(part.length
    ? table("rows", [words.picture, words.student, words.verdict, words.reasons], part.map(drawRow))
    : el("p", { class: "empty-list" }, words.none, " ",
        el("button", { type: "button", class: "plain", onclick: () => go({ verdict: "", code: "", q: "" }) }, words.reset)));
  const turn = (label, to, off) =>
    el("button", { type: "button", class: "plain", disabled: off, onclick: () => { go({ page: to }); at("list").scrollIntoView(); } }, label);
  at("pager").replaceChildren(...(pages > 1
    ? [turn(words.previous, page - 1, page <= 1), el("span", {}, `${page} / ${pages}`), turn(words.next, page + 1, page >= pages)]
    : []));
}

/* Faults of the booth */

at("booth").hidden = booth.length === 0;
at("boothlist").replaceChildren(...booth.map(([name, text, order]) =>
  el("li", {}, el("span", { class: "id" }, name), outside(text), el("span", { class: "hint" }, order))));

/* Pairs */

function drawPairs(limit) {
  at("pairs").hidden = pairs.length === 0;
  if (!pairs.length) return;
  const side = (student, photo, index) =>
    el("div", { class: "side" }, picture(index, ""),
      el("div", {},
        student && el("button", { type: "button", class: "link", onclick: () => { go({ verdict: "", code: "", q: student }); scrollTo(0, 0); } }, outside(student)),
        outside(photo, "file")));
  const lines = pairs.slice(0, limit).map(([kind, a, b, photoA, photoB, i, j, score, because]) =>
    el("tr", {},
      el("td", { class: "case" }, kind, el("span", { class: "muted" }, `${words.score} ${score}`)),
      el("td", {}, el("div", { class: "sides" }, side(a, photoA, i), side(b, photoB, j))),
      el("td", {}, outside(because))));
  at("pairlist").replaceChildren(table("pairs", [words.kind, words.picture, words.because], lines));
  if (pairs.length > limit) {
    at("pairlist").append(el("button", { type: "button", class: "plain", onclick: () => drawPairs(limit + PAGE) }, words.more));
  }
}

/* Proposed corrections */

function drawMoves(limit) {
  at("moves").hidden = moves.length === 0;
  if (!moves.length) return;
  const find = (student) =>
    el("button", { type: "button", class: "link", onclick: () => { go({ verdict: "", code: "", q: student }); scrollTo(0, 0); } }, outside(student));
  const lines = moves.slice(0, limit).map(([cause, photo, student, proposed, because]) =>
    el("tr", {},
      el("td", {}, cause),
      el("td", {}, outside(photo, "file")),
      el("td", {}, find(student)),
      el("td", {}, find(proposed)),
      el("td", {}, outside(because))));
  const heads = [words.cause, words.picture, words.stands, words.proposed, words.because];
  at("movelist").replaceChildren(table("pairs moves", heads, lines));
  if (moves.length > limit) {
    at("movelist").append(el("button", { type: "button", class: "plain", onclick: () => drawMoves(limit + PAGE) }, words.more));
  }
}

/* Life */

function draw(whole = false) {
  const state = readState();
  const { shown, chosen } = select(state);
  if (at("search").value !== state.q) at("search").value = state.q;
  const focused = document.activeElement?.closest("#tiles, #codes");
  const place = focused && [...focused.children].indexOf(document.activeElement);
  drawTiles(state);
  drawCodes(state, shown);
  drawList(chosen, state, whole === true);
  focused?.children[place]?.focus(); // a redraw must not drop the keyboard's place
}

let waiting;
at("search").addEventListener("input", (event) => {
  clearTimeout(waiting);
  waiting = setTimeout(() => go({ q: event.target.value.trim() }, { replace: true }), 150);
});
addEventListener("hashchange", () => draw());
addEventListener("beforeprint", () => draw(true)); // paper has no pages to turn
addEventListener("afterprint", () => draw());
if (matchMedia("(max-width: 60rem)").matches) at("reasons").open = false;
draw();
drawPairs(PAGE);
drawMoves(PAGE);
