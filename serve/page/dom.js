// Small things that all parts of the page need.
export const $ = (id) => document.getElementById(id);

// make returns an element with properties and children.
export function make(tag, properties = {}, ...children) {
  const e = Object.assign(document.createElement(tag), properties);
  e.append(...children);
  return e;
}

// complain tells what went wrong. Requests that were given up are no failure.
export function complain(err) {
  if (err?.name === "AbortError") return;
  const p = err?.problem;
  let text = err?.message || String(err);
  if (p?.code === "token") {
    $("token-form").hidden = false;
    text += " The form above takes it.";
    $("token").focus();
  }
  $("alert-text").textContent = text;
  $("alert").hidden = false;
}

export const calm = () => { $("alert").hidden = true; };

// guarded returns a handler whose failures are told.
export const guarded = (f) => async (...args) => {
  try {
    return await f(...args);
  } catch (err) {
    complain(err);
  }
};

// options fills a select.
export function options(select, values, chosen) {
  select.replaceChildren(...values.map(([value, text]) => make("option", { value, textContent: text ?? value, selected: value === chosen })));
}

// table returns a table of rows, the first of which is the header.
export function table(rows, caption, own) {
  const [head, ...body] = rows;
  return make("div", { className: "table", tabIndex: 0 }, make("table", {},
    make("caption", { className: "visually-hidden", textContent: caption }),
    make("thead", {}, make("tr", {}, ...head.map((c) => make("th", { scope: "col", textContent: c })))),
    make("tbody", {}, ...body.map((r, i) => make("tr", { className: own?.(i) ? "own" : "" }, ...r.map((c) =>
      c instanceof Node ? make("td", {}, c) : make("td", { textContent: c ?? "" })))))));
}

// save gives the user a file.
export function save(blob, name) {
  const a = make("a", { href: URL.createObjectURL(blob), download: name });
  a.click();
  setTimeout(() => URL.revokeObjectURL(a.href), 60000);
}

// number writes a number in few digits.
export const number = (v) => (v == null || Number.isNaN(v) ? "" : String(+Number(v).toPrecision(4)));
