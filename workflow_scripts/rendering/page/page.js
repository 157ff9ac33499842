// Sorting, the filter of verdicts, and the state in the address: #<anchor>&<key>=<value>…
"use strict";

const address = {
  values: new Map(),
  anchor: "",
  listeners: [],

  read() {
    const [anchor, ...parts] = location.hash.slice(1).split("&");
    this.anchor = decode(anchor);
    for (const part of parts) {
      const [key, value] = part.split("=");
      this.values.set(decode(key), decode(value || ""));
    }
    if (parts.length) this.write(); // a link names some keys; the others stay
  },

  set(key, value) {
    if (value === "") this.values.delete(key);
    else this.values.set(key, value);
    this.write();
  },

  write() {
    const parts = [...this.values].map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`);
    history.replaceState(null, "", `#${[encodeURIComponent(this.anchor), ...parts].join("&")}`);
  },

  apply() {
    this.read();
    for (const listener of this.listeners) listener();
    const target = this.anchor && document.getElementById(this.anchor);
    if (target) target.scrollIntoView();
  },
};

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

// The header cell of each column of a table, whose headers may span rows and columns.
function headerCells(table) {
  const leaves = [];
  const taken = [];
  [...table.tHead.rows].forEach((row, level) => {
    let column = 0;
    for (const cell of row.cells) {
      while (taken[level]?.[column]) column += 1;
      for (let r = level; r < level + cell.rowSpan; r += 1) {
        taken[r] ??= [];
        for (let c = column; c < column + cell.colSpan; c += 1) taken[r][c] = true;
      }
      if (cell.colSpan === 1) leaves[column] = cell;
      column += cell.colSpan;
    }
  });
  return leaves;
}

// What a cell is sorted by: its first number, its text, or nothing for an en dash.
function sortKey(text) {
  const plain = text.trim().replaceAll(",", "").replaceAll("−", "-");
  if (plain === "" || plain === "–") return null;
  const number = /^[-+]?\d*\.?\d+(e[-+]?\d+)?/i.exec(plain);
  return number ? Number(number[0]) : plain;
}

function compare(a, b) {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b), "en", { numeric: true });
}

function sortTable(table, column, descending) {
  const body = table.tBodies[0];
  const keyed = [...body.rows].map((row) => [row.cells[column] ? sortKey(row.cells[column].textContent) : null, row]);
  keyed.sort(([a], [b]) => {
    if (a === null || b === null) return (a === null) - (b === null); // what is missing stays last
    return descending ? compare(b, a) : compare(a, b);
  });
  body.append(...keyed.map(([, row]) => row));
  table.classList.add("sorted");
  headerCells(table).forEach((cell, index) => {
    if (index === column) cell.setAttribute("aria-sort", descending ? "descending" : "ascending");
    else cell.removeAttribute("aria-sort");
  });
}

function makeSortable(table, name) {
  headerCells(table).forEach((cell, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...cell.childNodes);
    cell.append(button);
    button.addEventListener("click", () => {
      const descending = cell.getAttribute("aria-sort") === "ascending";
      sortTable(table, column, descending);
      address.set("sort", `${name}~${column}~${descending ? "down" : "up"}`);
    });
  });
}

function startTables() {
  const tables = new Map();
  for (const table of document.querySelectorAll("table")) {
    const name = table.id || table.closest("article").id;
    tables.set(name, table);
    makeSortable(table, name);
    const region = table.closest(".scroll");
    if (region) region.tabIndex = 0; // arrow keys scroll it
  }
  address.listeners.push(() => {
    const found = /^(.*)~(\d+)~(up|down)$/.exec(address.values.get("sort") || "");
    if (found && tables.has(found[1])) sortTable(tables.get(found[1]), Number(found[2]), found[3] === "down");
  });
}

function startFilter() {
  const select = document.getElementById("verdict-filter");
  if (!select) return;
  const rows = [...document.querySelectorAll("#claims tbody tr")];
  const show = () => {
    let count = 0;
    for (const row of rows) {
      row.hidden = select.value !== "" && row.dataset.verdict !== select.value;
      count += !row.hidden;
    }
    document.getElementById("verdict-count").textContent = `${count} of ${rows.length} claims`;
  };
  select.addEventListener("change", () => {
    address.set("verdict", select.value);
    show();
  });
  address.listeners.push(() => {
    select.value = address.values.get("verdict") || "";
    if (select.selectedIndex < 0) select.value = "";
    show();
  });
}

function startNavigation() {
  const links = new Map([...document.querySelectorAll("nav a")].map((a) => [decode(a.hash.slice(1)), a]));
  const watch = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        const link = links.get(entry.target.id);
        if (entry.isIntersecting) link.setAttribute("aria-current", "true");
        else link.removeAttribute("aria-current");
      }
    },
    { rootMargin: "-30% 0px -65% 0px" },
  );
  for (const id of links.keys()) watch.observe(document.getElementById(id));
}

startTables();
startFilter();
startNavigation();
addEventListener("hashchange", () => address.apply());
document.addEventListener("DOMContentLoaded", () => address.apply());
