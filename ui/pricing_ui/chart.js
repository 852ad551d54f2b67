// Charts. Each is drawn once; a new result gives it the data that have changed, and nothing else.
// This comes with the page. Charts have places, and are told their data by name: all that change
// together by one element, since every element of an answer costs.
// Vega is the one that Streamlit brings (see chart_view.py), with expressions that need no eval.

const PADDING = { bottom: 20 };
const DRAWN = {
  actions: false, ast: true, renderer: "canvas", defaultStyle: false,
  tooltip: { disableDefaultStyle: true },
};

/** Template by its name: a page brings each once. */
const templates = new Map();

/** Charts that have a place, and what charts were told, by name; either may come first. */
const placed = new Map(), told = new Map();

/** Rows of a table that travels as columns. */
function rows(columns) {
  const named = Object.entries(columns);
  const count = named.length && named[0][1].length;
  return Array.from({ length: count }, (_, row) =>
    Object.fromEntries(named.map(([name, values]) => [name, values[row]])));
}

class Chart {
  /** box: the element that it is drawn in; the buttons stand beside it. */
  constructor(box, vega, looks) {
    Object.assign(this, { box, vega, looks });
    this.sized = new ResizeObserver(() => this.work());
    this.sized.observe(box);
    // The ground of the page passes over into that of another look; nothing else says so.
    box.parentElement.addEventListener("transitionend", () => this.work());
    this.buttons = box.parentElement.querySelectorAll("button");
    const [save, enlarge] = this.buttons;
    save.onclick = () => this.save();
    enlarge.hidden = !document.fullscreenEnabled;  // some telephones and frames do not let it
    enlarge.onclick = () => (document.fullscreenElement ? document.exitFullscreen()
      : box.parentElement.requestFullscreen());
  }

  /** Take what is to be shown; the latest counts. */
  show({ template, datasets }) {
    const data = Object.entries(datasets).map(([name, columns]) => [name, JSON.stringify(columns)]);
    this.wanted = { template, data: new Map(data) };
    return this.work();
  }

  /** Draw until what is shown is what is wanted; one at a time. */
  work() {
    this.working ??= this.catchUp().finally(() => { this.working = undefined; });
    return this.working;
  }

  async catchUp() {
    while (this.wanted && this.box.clientWidth && !this.done()) {
      const { wanted, box: { clientWidth: width } } = this;
      const look = this.lookOfPage();
      await (this.shown?.template === wanted.template && this.look === look
        ? this.change(wanted, width) : this.draw(wanted, width, look));
      Object.assign(this, { shown: wanted, width, look });
    }
  }

  done() {
    return this.shown === this.wanted && this.width === this.box.clientWidth
      && this.look === this.lookOfPage();
  }

  lookOfPage() {
    return getComputedStyle(this.box).colorScheme === "dark" ? "dark" : "light";
  }

  /** Draw from nothing. */
  async draw({ template, data }, width, look) {
    const { embed, expressionInterpreter } = await this.vega;
    this.drawn?.finalize();
    this.shown = undefined;  // a drawing that fails leaves nothing that could be changed
    const { spec, alt, title, file } = templates.get(template);
    this.file = file;
    for (const it of this.buttons) it.setAttribute("aria-label", `${it.textContent}: ${title}`);
    // A chart of steps is as high as its rows.
    const type = typeof spec.height === "number" ? "fit" : "fit-x";
    const given = [...data].map(([name, columns]) => [name, rows(JSON.parse(columns))]);
    const whole = {
      autosize: { type, contains: "padding" }, padding: PADDING, ...spec, ...this.looks[look],
      description: alt, width, datasets: Object.fromEntries(given),
    };
    this.drawn = await embed(this.box, whole, { ...DRAWN, expr: expressionInterpreter });
    if (this.ended) this.drawn.finalize();
    // What a mark says on hover stands outside of every chart, and takes its look from here.
    const style = getComputedStyle(this.box);
    for (const name of ["--st-background-color", "--st-text-color"]) {
      document.body.style.setProperty(name, style.getPropertyValue(name));
    }
  }

  /** Draw what is new in the data or the width. */
  async change({ data }, width) {
    const { view } = this.drawn;
    const fresh = [...data].filter(([name, columns]) => columns !== this.shown.data.get(name));
    for (const [name, columns] of fresh) view.data(name, rows(JSON.parse(columns)));
    if (width !== this.width) view.width(width);
    // What is written beside the marks may be longer than before: room is made anew.
    if (fresh.length || width !== this.width) await view.resize().runAsync();
  }

  async save() {
    const { view } = this.drawn;
    // On the page it has no ground of its own; light letters on none could not be read in a paper.
    view.background(getComputedStyle(this.box).getPropertyValue("--st-background-color"));
    const link = document.createElement("a");
    link.href = await view.toImageURL("png", 2);
    link.download = `${this.file}.png`;
    link.click();
  }

  end() {
    this.ended = true;
    this.sized.disconnect();
    this.drawn?.finalize();
  }
}

/** Called with the page, and again if it is drawn anew; the element stays. */
function place(vega, looks, { data: { name, drawing }, parentElement }) {
  const box = parentElement.querySelector(".pricing-chart");
  box.chart ??= new Chart(box, vega, looks);
  placed.set(name, box.chart);
  if (drawing) note(name, drawing);
  if (told.has(name)) box.chart.show(told.get(name));
  // Ended late, by an answer that another has overtaken, a chart may still be there.
  return () => {
    if (box.isConnected) return;
    box.chart.end();
    if (placed.get(name) === box.chart) placed.delete(name);
  };
}

function note(name, { template, page, datasets }) {
  if (page) templates.set(template, page);
  told.set(name, { template, datasets });
}

/** Called with every answer that has new data of charts. */
function tell({ data }) {
  for (const [name, drawing] of Object.entries(data)) {
    note(name, drawing);
    placed.get(name)?.show(told.get(name));
  }
}

/** Called with the page: charts wait for this. */
export default function ({ data: { bundle, looks } }) {
  const streamlit = document.querySelector("script[type=module][src]").src;
  const vega = import(new URL(bundle, streamlit).href).then((file) => Object.values(file)[0]());
  window.pricingCharts.resolve({ place: (chart) => place(vega, looks, chart), tell });
}
