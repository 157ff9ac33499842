// The explorer: a network, an attack and an image; everything that is known of that pair.
"use strict";

const explorer = {
  VIEWS: {
    clean: () => "Clean",
    adversarial: () => "Adversarial",
    perturbation: (image) => `Perturbation, × ${short(0.5 / image.largest)}; grey is zero`,
    spectrum: () => "Its spectrum, log amplitude; frequency zero in the centre",
    heat_clean: () => "Salient pixels, clean",
    heat: () => "Salient pixels, adversarial",
  },
  PARTS: { iip: "information paths", maximum: "response differences", saliency: "filter saliency" },
  pairs: [],
  data: new Map(),

  // What the scripts in page/pairs call.
  pair(file, content) {
    this.data.set(file, content);
  },

  start() {
    const element = document.getElementById("pairs");
    if (!element) return;
    this.pairs = JSON.parse(element.textContent);
    this.model = document.getElementById("choose-model");
    this.attack = document.getElementById("choose-attack");
    this.image = document.getElementById("choose-image");
    this.shown = document.getElementById("explored");
    options(this.model, unique(this.pairs.map((pair) => pair.model)));
    this.model.addEventListener("change", () => {
      address.anchor = "explorer";
      this.remember("model", this.model.value);
    });
    this.attack.addEventListener("change", () => {
      address.anchor = "explorer";
      this.remember("attack", this.attack.value);
    });
    address.listeners.push(() => this.restore());
    // Nothing of a pair is read before the reader comes near.
    const section = document.getElementById("explorer");
    const near = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) {
        near.disconnect();
        this.visible = true;
        this.show();
      }
    }, { rootMargin: "600px" });
    near.observe(section);
  },

  remember(key, value) {
    address.set(key, value);
    this.restore();
  },

  // Choose what the address says, or what comes nearest to it.
  restore() {
    choose(this.model, address.values.get("model"));
    options(this.attack, this.pairs.filter((pair) => pair.model === this.model.value).map((pair) => pair.attack));
    choose(this.attack, address.values.get("attack"));
    if (this.visible) this.show();
  },

  async show() {
    const pair = this.pairs.find((each) => each.model === this.model.value && each.attack === this.attack.value);
    if (!this.data.has(pair.file)) await script(`page/pairs/${pair.file}.js`);
    if (pair.model !== this.model.value || pair.attack !== this.attack.value) return; // chosen anew meanwhile
    const content = this.data.get(pair.file);
    const wanted = content.images.findIndex((image) => String(image.index) === address.values.get("image"));
    this.thumbnails(pair, content, Math.max(0, wanted));
    this.draw(pair, content, Math.max(0, wanted));
  },

  thumbnails(pair, content, chosen) {
    this.image.replaceChildren(this.image.firstElementChild);
    content.images.forEach((image, k) => {
      const radio = make("input", { type: "radio", name: "image", value: String(image.index) });
      radio.checked = k === chosen;
      radio.addEventListener("change", () => {
        address.anchor = "explorer";
        address.set("image", radio.value);
        this.draw(pair, content, k);
      });
      const text = `${image.label}, image ${image.index}`;
      radio.setAttribute("aria-label", text);
      this.image.append(make("label", { className: "thumb", title: text }, radio, cell(pair, content, 0, k)));
    });
  },

  draw(pair, content, k) {
    const image = content.images[k];
    const parts = [this.views(pair, content, k), this.facts(content, image)];
    const drawn = make("div", { className: "charts" });
    parts.push(drawn);
    if (image.filters.length) drawn.append(this.filters(image));
    for (const chart of content.charts) {
      const element = make("div", {});
      const box = make("div", { className: "chart" }, make("h3", {}, chart.title), element);
      drawn.append(box);
      charts.draw(element, chart, k).catch((error) => element.replaceChildren(error.message));
      if (chart.common.some((line) => line.low)) box.append(make("p", {}, "Band: the middle 90% of clean images."));
      if (chart.own[0].values[k].every((value) => value === null)) box.append(make("p", {}, "Not measured for this image."));
    }
    const names = content.charts.map((chart) => chart.name);
    const missing = Object.entries(this.PARTS).filter(([name]) => !names.includes(name)).map(([, words]) => words);
    if (!image.mapped) missing.push("salient pixels");
    if (missing.length) {
      parts.push(make("p", { className: "missing" }, `This run did not measure here: ${missing.join(", ")}.`));
    }
    this.shown.replaceChildren(...parts);
  },

  views(pair, content, k) {
    const image = content.images[k];
    const figures = content.views.flatMap((view, row) => {
      if (view.startsWith("heat") && !image.mapped) return [];
      const words = this.VIEWS[view](image);
      const drawing = cell(pair, content, row, k);
      drawing.setAttribute("role", "img");
      drawing.setAttribute("aria-label", words);
      return [make("figure", {}, drawing, make("figcaption", {}, words))];
    });
    return make("div", { className: "views" }, ...figures);
  },

  facts(content, image) {
    const reduced = content.side < content.pixels ? `, shown at ${content.side} × ${content.side}` : "";
    const facts = [
      ["Class", image.label],
      ["Image", `${image.index} of its split, ${content.pixels} × ${content.pixels}${reduced}`],
      ["Attack", image.success ? "succeeded" : "failed"],
      ["ℓ₀, share of pixels", short(image.l0)],
      ["ℓ₂", short(image.l2)],
      ["ℓ∞", short(image.linf)],
      ["Iterations", String(image.iteration)],
      ["Passes", `${image.forwards} forward, ${image.backwards} backward`],
    ];
    const list = make("dl", {}, ...facts.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]));
    return make(
      "div",
      { className: "facts" },
      make("div", {}, make("h3", {}, "Prediction, clean"), ...predictions(image.before, image.label)),
      make("div", {}, make("h3", {}, "Prediction, adversarial"), ...predictions(image.after, image.label)),
      make("div", {}, make("h3", {}, "The pair"), list),
    );
  },

  filters(image) {
    const rows = image.filters.map(([layer, rank, salience]) =>
      make("tr", {}, make("td", { className: "text" }, layer), make("td", {}, String(rank)), make("td", {}, short(salience))),
    );
    const head = make("tr", {}, make("th", { className: "text" }, "Layer"), make("th", {}, "Rank"), make("th", {}, "Salience"));
    const table = make("table", { id: "salient-filters" }, make("thead", {}, head), make("tbody", {}, ...rows));
    const words = "By rank in the layer; in standard deviations of the filter's saliency on clean images.";
    const region = make("div", { className: "scroll", tabIndex: 0 }, table);
    return make("div", {}, make("h3", {}, "Most salient filters"), region, make("p", { className: "missing" }, words));
  },
};

function make(name, properties, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

// One cell of a pair's sprite: a row per view, a column per image.
function cell(pair, content, row, column) {
  const space = "http://www.w3.org/2000/svg";
  const { side } = content;
  const drawing = document.createElementNS(space, "svg");
  drawing.setAttribute("viewBox", `0 0 ${side} ${side}`);
  drawing.setAttribute("class", "cell");
  const image = document.createElementNS(space, "image");
  const facts = { href: `page/pairs/${pair.file}.webp`, x: -column * side, y: -row * side };
  Object.assign(facts, { width: side * content.images.length, height: side * content.views.length });
  for (const [key, value] of Object.entries(facts)) image.setAttribute(key, value);
  drawing.append(image);
  return drawing;
}

function predictions(likeliest, label) {
  return likeliest.map(([name, share]) => {
    const bar = make("i", {});
    bar.style.width = `${100 * share}%`;
    const text = `${(100 * share).toFixed(1)}%`;
    const row = make("div", { className: name === label ? "prediction truth" : "prediction" });
    row.append(make("span", { title: name }, name), make("b", {}, bar), make("span", {}, text));
    return row;
  });
}

function options(select, names) {
  const before = select.value;
  select.replaceChildren(...names.map((name) => make("option", { value: name }, name)));
  choose(select, before);
}

function choose(select, wanted) {
  if (wanted !== undefined && [...select.options].some((option) => option.value === wanted)) select.value = wanted;
}

function unique(names) {
  return [...new Set(names)];
}

function short(number) {
  return number === null || !Number.isFinite(number) ? "–" : String(Number(number.toPrecision(3)));
}

explorer.start();
