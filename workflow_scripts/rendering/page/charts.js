// Charts of quantities by layer, drawn by Vega-Lite, which is loaded with the first of them.
"use strict";

const charts = {
  // The attacked image has the accent; what it is compared with has quieter colours, the same in every chart.
  KNOWN: { "this image": "#1d5fb8", "this image, clean": "#4d5661", "clean images": "#8a94a0", "all attacked images": "#c98a1b" },
  CONTROLS: ["#5a7d3a", "#7d5ba6", "#a34a4a"],
  loading: null,

  load() {
    this.loading ??= script("page/vega.js").then(() => script("page/vega-lite.js"));
    return this.loading;
  },

  // One chart: lines of many images, and lines of the image shown, which is the k-th.
  async draw(element, chart, k) {
    await this.load();
    const { spec } = vegaLite.compile(this.specification(chart, k, element.clientWidth));
    if (!element.isConnected) return; // another image was chosen meanwhile
    const view = new vega.View(vega.parse(spec), { renderer: "svg", container: element, hover: true });
    view.tooltip((_, event, item, value) => {
      element.title = value ? Object.entries(value).map(([key, text]) => `${key}: ${text}`).join("\n") : "";
    });
    await view.runAsync();
  },

  specification(chart, k, width) {
    const [attacked, ...others] = chart.own.map((line) => ({ name: line.name, values: line.values[k] }));
    const lines = [...chart.common, ...others, attacked];
    const rows = lines.flatMap((line) =>
      chart.layers.map((layer, at) => ({
        layer,
        line: line.name,
        value: line.values[at],
        low: line.low?.[at] ?? null,
        high: line.high?.[at] ?? null,
      })),
    );
    const names = lines.map((line) => line.name);
    const controls = names.filter((name) => !(name in this.KNOWN));
    const colours = names.map((name) => this.KNOWN[name] ?? this.CONTROLS[controls.indexOf(name) % this.CONTROLS.length]);
    const scale = chart.logarithmic ? { type: "log", nice: false } : { zero: false, nice: true };
    const x = { field: "layer", type: "ordinal", sort: chart.layers, title: null, axis: { labelAngle: -45, labelOverlap: true } };
    const y = { field: "value", type: "quantitative", title: chart.unit || null, scale, stack: null };
    const legend = { title: null, orient: "top", symbolType: "stroke", labelLimit: 200, columns: width < 440 ? 2 : 0 };
    const color = { field: "line", type: "nominal", scale: { domain: names, range: colours }, legend };
    const valid = chart.logarithmic ? "datum.value > 0" : "isValid(datum.value)";
    const tooltip = ["line", "layer", "value"].map((field) => ({ field, type: field === "value" ? "quantitative" : "nominal", format: field === "value" ? ".4g" : undefined }));
    return {
      $schema: "https://vega.github.io/schema/vega-lite/v5.json",
      description: `${chart.title} by layer: ${names.join(", ")}`,
      width: "container",
      height: 190,
      autosize: { type: "fit-x", contains: "padding" },
      data: { values: rows },
      layer: [
        {
          transform: [{ filter: "isValid(datum.low)" }],
          mark: { type: "area", opacity: 0.16, color: this.KNOWN["clean images"] },
          encoding: { x, y: { ...y, field: "low" }, y2: { field: "high" } },
        },
        {
          transform: [{ filter: valid }],
          mark: { type: "line", strokeWidth: 1.8 },
          encoding: { x, y, color },
        },
        {
          transform: [{ filter: valid }],
          mark: { type: "point", filled: true, size: 34, opacity: 1 },
          encoding: { x, y, color, tooltip },
        },
      ],
      config: {
        font: "system-ui, sans-serif",
        axis: { labelFontSize: 11, titleFontSize: 11, titleFontWeight: 400, labelColor: "#5c6672", titleColor: "#5c6672", gridColor: "#eceff2", domainColor: "#b9c1cb", tickColor: "#b9c1cb" },
        legend: { labelFontSize: 12, labelColor: "#1b2027" },
        view: { stroke: null },
      },
    };
  },
};

// Load a script once; the promise of its end.
function script(source) {
  return new Promise((resolve, reject) => {
    const element = document.createElement("script");
    element.src = source;
    element.onload = resolve;
    element.onerror = () => reject(new Error(`${source} is missing: publish the page again`));
    document.head.append(element);
  });
}
