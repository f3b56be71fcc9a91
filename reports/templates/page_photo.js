
/* The page of one photo, in place; its data lies beside this page, a hundred photos to a file */

const waiting = new Map(); // number of a file: its promise
const arrived = new Map(); // number of a file: what hands its data over
globalThis.gradphoto = (number, data) => arrived.get(number)?.(data);

function detailsOf(place) {
  const number = Math.floor(place / aSheet);
  if (!waiting.has(number)) {
    waiting.set(number, new Promise((done, lost) => {
      arrived.set(number, done);
      const script = el("script", { src: `report_files/details-${String(number).padStart(4, "0")}.js` });
      script.addEventListener("error", lost);
      document.head.append(script);
    }));
  }
  return waiting.get(number).then(({ kinds, rows: some }) => ({ kinds, ...some[place % aSheet] }));
}

function limits(low, high, unit) {
  if (low == null && high == null) return "";
  if (low == null) return `${words.at_most}${high}${unit}`;
  if (high == null) return `${words.at_least}${low}${unit}`;
  return `${low}–${high}${unit}`;
}

const WEIGHT = { broken: 0, skipped: 1, borderline: 2, noted: 2, passed: 3, not_applicable: 4 };
const MARKS = { broken: "×", skipped: "?", borderline: "≈", noted: "ℹ", passed: "✓", not_applicable: "–" };

function checksTable(kinds, found) {
  const lines = [];
  for (let i = 0; i < found.length; i += 2) {
    const [rule, outcome, low, high, text, other, distance] = kinds[found[i]];
    const [code, what, note, own, unit, decimals] = rules[rule];
    const quantity = other || own;
    const measured = found[i + 1] == null ? "" : `${found[i + 1].toFixed(decimals)}${unit}`;
    // A note has its own sign: it changes no result.
    const state = (text && outcome === "passed") || (note && outcome === "broken") ? "noted" : outcome;
    // The fault stands before it, value and limits behind it.
    const named = text.indexOf(what);
    const detail = named < 0 ? text : text.slice(named + what.length).replace(/^[」』"'’”：:；\s]+/, "");
    lines.push([WEIGHT[state], el("tr", { class: state },
      el("td", { class: "id" }, code),
      el("td", {}, what, detail ? el("span", { class: "because" }, outside(detail)) : ""),
      el("td", { class: "outcome" }, el("span", { "aria-hidden": "true" }, `${MARKS[state]} `),
        state === "noted" ? words.note : outcomes[outcome]),
      el("td", {}, measured && quantity ? `${quantity} ${measured}` : measured),
      el("td", {}, limits(low, high, unit)),
      el("td", {}, distance))]);
  }
  lines.sort(([a], [b]) => a - b); // stable: by code within
  const heads = ["", words.rule, words.outcome, words.measured, words.limits, words.distance];
  return el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": words.details },
    el("table", { class: "checks" },
      el("thead", {}, el("tr", {}, ...heads.map((head) => el("th", { scope: "col" }, head)))),
      el("tbody", {}, ...lines.map(([, line]) => line))));
}

// Drawn by the program and escaped there; a parser of its own runs nothing of it.
const drawing = (svg) => document.importNode(new DOMParser().parseFromString(svg, "image/svg+xml").documentElement, true);

const LAYERS = { window: "window", outline: "outline", features: "features", faces: "faces_layer", lines: "lines", labels: "labels" };
const hiddenLayers = new Set();

function layerBoxes(svg) {
  const show = () => svg.querySelectorAll(".layer").forEach((layer) =>
    layer.toggleAttribute("hidden", [...layer.classList].some((name) => hiddenLayers.has(name))));
  show();
  return el("fieldset", { class: "layers" }, el("legend", {}, words.layers),
    ...Object.entries(LAYERS).map(([layer, name]) => {
      const box = el("input", { type: "checkbox", checked: !hiddenLayers.has(layer) });
      box.addEventListener("change", () => { hiddenLayers[box.checked ? "delete" : "add"](layer); show(); });
      return el("label", {}, box, words[name]);
    }));
}

const large = (name, title) =>
  el("figure", { class: "large" }, el("img", { src: `report_files/${name}`, alt: title }), el("figcaption", {}, title));

function pictures(row, details) {
  if (!details.o) {
    const small = row.m ? picture(row.i, "") : picture(null, "");
    small.classList.add("big");
    return el("div", { class: "pictures" }, row.b ? large(row.b, words.this_picture) : el("div", {}, small, el("p", { class: "muted" }, words.no_preview)),
      row.w ? large(row.w, words.record_picture) : null);
  }
  const svg = drawing(details.o);
  return el("div", { class: "pictures" },
    el("div", { class: "drawn" }, svg, layerBoxes(svg)),
    row.w || details.q ? el("div", { class: "besides" },
      row.w ? large(row.w, words.record_picture) : null,
      details.q ? el("figure", { class: "where" }, drawing(details.q), el("figcaption", {}, words.frame)) : null) : null);
}

function causes(row, records) {
  if (!row.a.length) return reasonList(row);
  const line = (name, text) => [el("dt", {}, name), el("dd", {}, outside(text))];
  return el("div", {}, ...row.a.map(([student, photographer, codes], n) => el("dl", { class: "cause" },
    ...line(words.for_student, texts[student]),
    ...line(words.photographer, texts[photographer]),
    ...line(words.record, `${codes.join(" ")} ${records?.[n] ?? ""}`))),
    row.u ? el("p", { class: "muted" }, row.u) : null);
}

function attempts(row) {
  if (!row.e) return null;
  return el("section", {}, el("h3", {}, words.attempts), el("ol", { class: "attempts" },
    ...row.e.map(([, day, photo, verdict, , review]) => el("li", {},
      [day, verdicts[verdict], review].filter(Boolean).join(" · "), " ", outside(photo, "file")))));
}

// The same photo compared with others: both at one size.
function compared(row) {
  const mine = pairs.filter(([, , , a, b]) => row.p && (a === row.p || b === row.p));
  if (!mine.length) return null;
  return el("section", {}, el("h3", {}, words.pairs), ...mine.slice(0, 10).map(([kind, a, b, photoA, photoB, shownA, shownB, , because]) =>
    el("div", { class: "compared" }, el("p", {}, el("b", {}, kind), " ", outside(because)),
      el("div", { class: "sides" },
        ...[[a, photoA, shownA], [b, photoB || words.record_picture, shownB]].map(([student, photo, shown]) =>
          el("figure", {}, picture(shown, ""), el("figcaption", {}, outside(student), " ", outside(photo, "file"))))))));
}

let opened = null; // the row whose page is open

function openPhoto(row) {
  go({ photo: row.s && row.g !== "other" ? row.s : `/${row.p}` });
}

function showPhoto(key) {
  const dialog = at("photo");
  const row = key && rows.find((one) => (key.startsWith("/") ? one.p === key.slice(1) : one.s === key && one.g !== "other"));
  if (!row) {
    if (dialog.open) dialog.close();
    if (opened) focusRow(opened);
    opened = null;
    return;
  }
  if (opened === row) return;
  opened = row;
  fillPhoto(dialog, row);
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
}

function fillPhoto(dialog, row) {
  const place = chosen.indexOf(row);
  const turn = (label, step) => el("button", {
    type: "button", class: "plain", disabled: !chosen[place + step] || place < 0, onclick: () => step_(step),
  }, label);
  const body = el("div", { class: "photobody" }, el("p", { class: "muted", role: "status" }, row.i == null ? "" : words.loading));
  dialog.replaceChildren(
    el("header", { class: "photohead" },
      el("div", {},
        el("h2", { id: "photoname" }, row.s ? outside(row.s, "number") : outside(row.p, "file"), " ", row.n ? outside(row.n) : null),
        el("p", { class: "muted" }, outside([where(row), whatIs(row), row.p, row.h, row.camera].filter(Boolean).join(" · "))),
        ...row.x.map(([head, value]) => el("p", { class: "contact" }, `${head} `, outside(value)))),
      el("div", { class: "turn" }, badge(row), stateOf(row),
        place < 0 ? null : el("span", { class: "muted" }, `${place + 1} / ${count(chosen.length)}`),
        turn(words.previous, -1), turn(words.next, 1),
        el("button", { type: "button", class: "plain", onclick: () => go({ photo: "" }) }, words.close))),
    body);
  const fill = (details) => {
    if (opened !== row) return;
    body.replaceChildren(pictures(row, details), el("div", { class: "told" }, causes(row, details.r), attempts(row)),
      compared(row) ?? "", details.f ? checksTable(details.kinds, details.f) : "");
  };
  if (row.i == null) fill({});
  else detailsOf(row.i).then(fill, () => body.replaceChildren(el("p", { class: "notice" }, words.lost), causes(row)));
}

function step_(step) {
  const next = chosen[chosen.indexOf(opened) + step];
  if (next) openPhotoInPlace(next);
}

// Turning pages leaves one step to go back, not a hundred.
function openPhotoInPlace(row) {
  go({ photo: row.s && row.g !== "other" ? row.s : `/${row.p}` }, { replace: true });
}

function focusRow(row) {
  const place = chosen.indexOf(row);
  if (place < 0) return;
  if (place >= drawn) drawMore(place + STEP);
  at("list").querySelector(`tr[data-at="${row.at}"] .open`)?.focus();
}

at("photo").addEventListener("cancel", (event) => { event.preventDefault(); go({ photo: "" }); });

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input[type=search], select, textarea")) return;
  const step = { j: 1, k: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  if (opened) return step_(step);
  const here = event.target.closest?.("tr[data-at]");
  const place = here ? chosen.findIndex((row) => String(row.at) === here.dataset.at) + step : 0;
  if (chosen[place]) focusRow(chosen[place]);
});

let typing;
at("search").addEventListener("input", (event) => {
  clearTimeout(typing);
  typing = setTimeout(() => go({ q: event.target.value.trim() }, { replace: true }), 120);
});
addEventListener("hashchange", () => draw());
addEventListener("beforeprint", () => { // paper is not scrolled, and nothing on it is opened
  if (at("record")) at("record").open = true;
  at("photo").open || draw(true);
});
addEventListener("afterprint", () => draw());
if (matchMedia("(max-width: 60rem)").matches) at("reasons").open = false;
makeFilters();
draw();
