// One small chart of the run. The page hands in numbers and gets clicks back; it keeps the legend and the table itself,
// since a canvas says nothing to a screen reader.
import uPlot from "uplot";

const AXIS_FONT = "11px ui-sans-serif, system-ui, sans-serif";
const DASHES = [[], [5, 3], [2, 3], [8, 3, 2, 3], [1, 3], [10, 4]];
const shared = uPlot.sync("primacy");
/** Between two drawings, in milliseconds: a run that plays is longer with every frame, and text is the dearest thing on a canvas. */
const EVERY_MS = 100;

/**
 * @param {HTMLElement} host filled by the chart; it follows the host's width and height
 * @param {(ms: number) => void} onSeek a click, in milliseconds of the run
 * @param {(index: number) => void} onHover which point is pointed at, -1 for none
 */
export function make(host, onSeek, onHover) {
  return new Chart(host, onSeek, onHover);
}

class Chart {
  constructor(host, onSeek, onHover) {
    this.host = host;
    this.onSeek = onSeek;
    this.onHover = onHover;
    this.begin = 0;
    this.end = 1000;
    this.at = 0;
    this.shape = "";
    this.drawnAt = -EVERY_MS;
    this.colours = new Map();
    this.resize = new ResizeObserver(() => this.fit());
    this.resize.observe(host);
    this.recolour = () => {
      this.colours.clear();
      this.plot?.redraw(false, true);
    };
    this.scheme = matchMedia("(prefers-color-scheme: dark)");
    this.scheme.addEventListener("change", this.recolour);
    this.theme = new MutationObserver(this.recolour);
    this.theme.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme", "class", "style"] });
  }

  /** Custom properties may hold light-dark(), which a canvas cannot read; a computed colour has it resolved. */
  colour(name) {
    let found = this.colours.get(name);
    if (!found) {
      const probe = document.createElement("i");
      probe.style.color = `var(${name})`;
      this.host.append(probe);
      found = getComputedStyle(probe).color;
      probe.remove();
      this.colours.set(name, found);
    }
    return found;
  }

  /**
   * @param {Uint32Array} times milliseconds, ascending
   * @param {Float32Array} values line after line, each as long as `times`; NaN where there is none
   * @param {string} looks for each line the colour's custom property and its dash's number, `--good 0`, one a row
   * @param {number} begin where the axis begins, in milliseconds
   * @param {number} end where the axis ends, in milliseconds
   * @param {string} unit what the values are in
   */
  set(times, values, looks, begin, end, unit) {
    // The numbers stand in memory that changes.
    const next = { times: times.slice(), values: values.slice(), looks, begin, end: Math.max(end, begin + 1000), unit };
    if (this.plot && this.shape === looks && this.isDrawn(next)) return;
    this.next = next;
    const left = this.drawnAt + EVERY_MS - performance.now();
    if (!this.plot || this.shape !== looks || left <= 0) this.draw();
    else this.waiting ??= setTimeout(() => this.draw(), left);
  }

  /** Whether a drawing would move nothing by a pixel. */
  isDrawn({ times, values, begin, end, unit }) {
    const was = this.waiting ? this.next : this.drawn;
    const pixel = (this.drawn.end - this.drawn.begin) / this.plot.width;
    const near = Math.abs(end - was.end) < pixel && begin === was.begin && unit === was.unit;
    return near && same(times, was.times) && same(values, was.values);
  }

  /** Draws what was set last. */
  draw() {
    clearTimeout(this.waiting);
    this.waiting = undefined;
    this.drawn = this.next;
    this.drawnAt = performance.now();
    const { times, values, looks, begin, end, unit } = this.drawn;
    this.begin = begin;
    this.end = end;
    this.unit = unit;
    const rows = looks ? looks.split("\n") : [];
    const data = [Array.from(times, (ms) => ms / 1000)];
    for (let row = 0; row < rows.length; row++) {
      const line = values.subarray(row * times.length, (row + 1) * times.length);
      data.push(Array.from(line, (value) => (Number.isNaN(value) ? null : value)));
    }
    if (this.shape !== looks) {
      this.shape = looks;
      this.plot?.destroy();
      this.plot = new uPlot(this.options(rows), data, this.host);
      shared.sub(this.plot);
      this.clickable();
    } else {
      this.plot?.setData(data);
    }
    this.now(this.at);
  }

  /** Where the run stands; what lies after it is drawn dimmed. */
  now(ms) {
    this.at = ms;
    const plot = this.plot;
    if (!plot || !this.veil) return;
    const left = Math.min(Math.max(0, plot.valToPos(ms / 1000, "x")), plot.width);
    this.veil.style.transform = `translateX(${left}px)`;
  }

  destroy() {
    clearTimeout(this.waiting);
    this.resize.disconnect();
    this.theme.disconnect();
    this.scheme.removeEventListener("change", this.recolour);
    if (this.plot) shared.unsub(this.plot);
    this.plot?.destroy();
    this.plot = undefined;
  }

  fit() {
    const size = this.size();
    const plot = this.plot;
    if (!plot || (plot.width === size.width && plot.height === size.height)) return;
    plot.setSize(size);
    this.now(this.at);
  }

  size() {
    return { width: Math.max(80, this.host.clientWidth), height: Math.max(60, this.host.clientHeight) };
  }

  options(rows) {
    const grid = { stroke: () => this.colour("--chart-grid"), width: 1 };
    const axis = { stroke: () => this.colour("--quiet"), font: AXIS_FONT, ticks: { show: false }, grid };
    return {
      ...this.size(),
      padding: [8, 18, 0, 0],
      legend: { show: false },
      cursor: { drag: { x: false, y: false }, sync: { key: "primacy" }, points: { size: 6 }, y: false },
      scales: {
        x: { time: false, range: () => [this.begin / 1000, this.end / 1000] },
        y: { range: (_, low, high) => [0, high > 0 ? high * 1.08 : 1] },
      },
      axes: [
        { ...axis, grid: { show: false }, size: 22, gap: 4, space: 56, values: (_, ticks) => ticks.map(clock) },
        { ...axis, size: 46, gap: 4, space: 26, values: (_, ticks) => ticks.map((value) => this.short(value)) },
      ],
      series: [{}, ...rows.map((row) => this.line(row))],
      hooks: { setCursor: [(plot) => this.onHover(plot.cursor.idx ?? -1)] },
    };
  }

  line(look) {
    const [name, dash] = look.split(" ");
    const stroke = () => this.colour(name);
    return { stroke, width: 1.5, dash: DASHES[Number(dash) % DASHES.length], points: { show: false }, spanGaps: false };
  }

  clickable() {
    const over = this.plot.over;
    this.veil = document.createElement("div");
    this.veil.className = "chart-veil";
    over.append(this.veil);
    over.addEventListener("click", (event) => {
      const left = event.clientX - over.getBoundingClientRect().left;
      this.onSeek(Math.min(Math.max(this.begin, this.plot.posToVal(left, "x") * 1000), this.end));
    });
  }

  short(value) {
    if (this.unit === "B") {
      if (value >= 1048576) return `${round(value / 1048576)}M`;
      if (value >= 1024) return `${round(value / 1024)}K`;
    } else if (value >= 1000) {
      return `${round(value / 1000)}k`;
    }
    return `${round(value)}`;
  }
}

/** NaN is no value, and like another. */
function same(some, others) {
  return some.length === others.length && some.every((one, at) => Object.is(one, others[at]));
}

function round(value) {
  return Math.round(value * 100) / 100;
}

function clock(seconds) {
  const whole = Math.floor(seconds);
  const rest = seconds % 1 ? String(Math.round((seconds % 1) * 1000) / 1000).slice(1) : "";
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}${rest}`;
}
