// Drawing a polygon or a line on our own map: click to add, drag to move, snap to the neighbours. What is drawn goes
// into a text area as GeoJSON, which works alone where there is no script, no WebGL or no mouse.
import { library, roles } from "./map.js";

const SNAP = 12; // pixels
const EARTH = [111412.84, -93.5, 111132.92, -559.82]; // metres of a degree, as series of the latitude

const collect = (features) => ({ type: "FeatureCollection", features });
const feature = (type, coordinates, properties = {}) => ({ type: "Feature", properties, geometry: { type, coordinates } });
const round = (at) => at.map((n) => Math.round(n * 1e7) / 1e7);

function extent(coordinates, box = [180, 90, -180, -90]) {
  if (typeof coordinates[0] === "number") {
    box[0] = Math.min(box[0], coordinates[0]); box[1] = Math.min(box[1], coordinates[1]);
    box[2] = Math.max(box[2], coordinates[0]); box[3] = Math.max(box[3], coordinates[1]);
  } else coordinates.forEach((each) => extent(each, box));
  return box;
}

// Square metres of rings, near enough to steer by; the server reckons on the ellipsoid.
function area(rings) {
  const lat = rings[0]?.[0]?.[1] ?? 0;
  const rad = (lat * Math.PI) / 180;
  const east = EARTH[0] * Math.cos(rad) + EARTH[1] * Math.cos(3 * rad);
  const north = EARTH[2] + EARTH[3] * Math.cos(2 * rad);
  const one = (ring) => Math.abs(ring.reduce((sum, [x, y], n) => {
    const [x2, y2] = ring[(n + 1) % ring.length];
    return sum + (x * y2 - x2 * y);
  }, 0)) / 2;
  return rings.reduce((sum, ring, n) => sum + (n ? -one(ring) : one(ring)), 0) * east * north;
}

function style(role) {
  const says = (name) => ["==", ["get", "role"], name];
  const empty = () => ({ type: "geojson", data: collect([]) });
  return {
    version: 8,
    sources: { around: empty(), wrong: empty(), mine: empty(), points: empty() },
    layers: [
      { id: "ground", type: "background", paint: { "background-color": role("sunk") } },
      { id: "above", type: "fill", source: "around", filter: says("above"), paint: { "fill-color": role("paper") } },
      { id: "beside", type: "fill", source: "around", filter: says("beside"), paint: { "fill-color": role("surface") } },
      { id: "beside-edge", type: "line", source: "around", filter: says("beside"), paint: { "line-color": role("field"), "line-width": 1 } },
      { id: "inside", type: "line", source: "around", filter: says("inside"), paint: { "line-color": role("line"), "line-width": 1 } },
      { id: "was", type: "line", source: "around", filter: says("was"), paint: { "line-color": role("ink-3"), "line-width": 1.5, "line-dasharray": [3, 2] } },
      { id: "above-edge", type: "line", source: "around", filter: says("above"), paint: { "line-color": role("ink-2"), "line-width": 2 } },
      { id: "mine", type: "fill", source: "mine", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": role("dai"), "fill-opacity": 0.14 } },
      { id: "wrong", type: "fill", source: "wrong", paint: { "fill-color": role("over"), "fill-opacity": 0.55 } },
      { id: "wrong-edge", type: "line", source: "wrong", paint: { "line-color": role("over"), "line-width": 2 } },
      { id: "mine-edge", type: "line", source: "mine", paint: { "line-color": role("dai"), "line-width": 2.5 } },
      { id: "middles", type: "circle", source: "points", filter: says("middle"),
        paint: { "circle-radius": 4, "circle-color": role("surface"), "circle-stroke-color": role("dai"), "circle-stroke-width": 1.5 } },
      { id: "corners", type: "circle", source: "points", filter: says("corner"),
        paint: { "circle-radius": ["case", ["to-boolean", ["get", "chosen"]], 8, 6], "circle-stroke-width": 2,
                 "circle-color": ["case", ["to-boolean", ["get", "chosen"]], role("dai"), role("surface")], "circle-stroke-color": role("dai") } },
    ],
  };
}

// The shape as rings without their closing point: [[ring, ring…], …] as polygons; a line is one open ring.
function read(text, mode) {
  try {
    const data = JSON.parse(text);
    const shape = data.type === "Feature" ? data.geometry : data;
    if (mode === "line") return shape.type === "LineString" ? [[shape.coordinates.map(round)]] : [];
    const polygons = shape.type === "Polygon" ? [shape.coordinates] : shape.type === "MultiPolygon" ? shape.coordinates : [];
    return polygons.map((rings) => rings.map((ring) => ring.slice(0, -1).map((at) => round(at.slice(0, 2)))));
  } catch {
    return [];
  }
}

function write(polygons, mode, closed) {
  if (mode === "line") return polygons[0]?.[0]?.length > 1 ? JSON.stringify({ type: "LineString", coordinates: polygons[0][0] }) : "";
  if (!closed || !polygons.length) return "";
  const full = polygons.map((rings) => rings.map((ring) => [...ring, ring[0]]));
  return JSON.stringify(full.length === 1 ? { type: "Polygon", coordinates: full[0] } : { type: "MultiPolygon", coordinates: full });
}

class Editor {
  constructor(box, lib, map, around) {
    Object.assign(this, { box, lib, map, around, mode: box.dataset.mode });
    this.input = document.getElementById(box.dataset.input);
    this.said = box.querySelector("[data-area]");
    this.polygons = read(this.input.value, this.mode);
    this.closed = this.mode === "polygon" && this.polygons.length > 0;
    this.chosen = null; // [polygon, ring, point]
    this.past = [];
    this.asking = 0;
    this.targets = this.corners_around();
    this.listen();
    this.draw();
    if (this.closed) this.ask();
  }

  corners_around() {
    const rings = [];
    for (const each of this.around.features) {
      if (!["beside", "above"].includes(each.properties.role) || each.geometry.type === "Point") continue;
      const parts = each.geometry.type === "Polygon" ? [each.geometry.coordinates] : each.geometry.coordinates;
      parts.forEach((part) => rings.push(...part));
    }
    return rings;
  }

  // ── looking ────────────────────────────────────────────────────────────────────────────────────────────────
  pixel(at) { return this.map.project(at); }

  near(point, reach = SNAP) {
    let best = null;
    this.polygons.forEach((rings, p) => rings.forEach((ring, r) => ring.forEach((at, n) => {
      const off = this.pixel(at).dist(point);
      if (off <= reach && (!best || off < best.off)) best = { off, key: [p, r, n] };
    })));
    return best?.key ?? null;
  }

  middle(point) {
    let best = null;
    this.edges((p, r, n, a, b) => {
      const off = this.pixel([(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]).dist(point);
      if (off <= SNAP && (!best || off < best.off)) best = { off, key: [p, r, n + 1] };
    });
    return best?.key ?? null;
  }

  edges(visit) {
    this.polygons.forEach((rings, p) => rings.forEach((ring, r) => ring.forEach((a, n) => {
      const last = n === ring.length - 1;
      if (last && !this.closed) return;
      visit(p, r, n, a, ring[(n + 1) % ring.length]);
    })));
  }

  // A neighbour's corner first, since corners must meet; else the nearest point of its border.
  snap(at) {
    if (this.mode === "line") return round(at);
    const point = this.pixel(at);
    let corner = null, edge = null;
    for (const ring of this.targets) {
      let before = null;
      for (const each of ring) {
        const here = this.pixel(each);
        const off = here.dist(point);
        if (off <= SNAP && (!corner || off < corner.off)) corner = { off, at: each };
        if (before) {
          const along = here.sub(before.here), length = along.x ** 2 + along.y ** 2;
          const share = length ? Math.min(1, Math.max(0, ((point.x - before.here.x) * along.x + (point.y - before.here.y) * along.y) / length)) : 0;
          const foot = before.here.add(along.mult(share));
          const gap = foot.dist(point);
          if (gap <= SNAP / 2 && (!edge || gap < edge.off)) {
            edge = { off: gap, at: [before.at[0] + (each[0] - before.at[0]) * share, before.at[1] + (each[1] - before.at[1]) * share] };
          }
        }
        before = { here, at: each };
      }
    }
    return round((corner ?? edge)?.at ?? at);
  }

  // ── changing ───────────────────────────────────────────────────────────────────────────────────────────────
  keep() {
    this.past.push(JSON.stringify([this.polygons, this.closed]));
    if (this.past.length > 50) this.past.shift();
  }

  undo() {
    const before = this.past.pop();
    if (!before) return;
    [this.polygons, this.closed] = JSON.parse(before);
    this.chosen = null;
    this.changed();
  }

  again() {
    this.keep();
    this.polygons = [];
    this.closed = false;
    this.chosen = null;
    this.changed();
  }

  add(at) {
    if (this.closed) return;
    this.keep();
    if (!this.polygons.length) this.polygons = [[[]]];
    const ring = this.polygons[0][0];
    ring.push(this.snap(at));
    this.chosen = [0, 0, ring.length - 1];
    this.changed();
  }

  close() {
    if (this.closed || this.mode !== "polygon" || (this.polygons[0]?.[0]?.length ?? 0) < 3) return;
    this.keep();
    this.closed = true;
    this.chosen = null;
    this.changed();
  }

  insert([p, r, n], at) {
    this.keep();
    this.polygons[p][r].splice(n, 0, round(at));
    this.chosen = [p, r, n];
  }

  remove() {
    if (!this.chosen) return;
    const [p, r, n] = this.chosen;
    const ring = this.polygons[p][r];
    if (this.closed && ring.length <= 3) return;
    this.keep();
    ring.splice(n, 1);
    this.chosen = ring.length ? [p, r, Math.max(0, n - 1)] : null;
    this.changed();
  }

  shift(at, snap = true) {
    const [p, r, n] = this.chosen;
    this.polygons[p][r][n] = snap ? this.snap(at) : round(at);
    this.draw();
  }

  step(way) {
    const keys = [];
    this.polygons.forEach((rings, p) => rings.forEach((ring, r) => ring.forEach((_at, n) => keys.push([p, r, n]))));
    if (!keys.length) return;
    const now = this.chosen ? keys.findIndex((key) => key.join() === this.chosen.join()) : -1;
    this.chosen = keys[(now + way + keys.length) % keys.length];
    this.draw();
  }

  nudge(x, y) {
    if (!this.chosen) return;
    const [p, r, n] = this.chosen;
    this.keep();
    const here = this.pixel(this.polygons[p][r][n]);
    here.x += x;
    here.y += y;
    this.shift(this.map.unproject(here).toArray(), false);
    this.changed();
  }

  // ── showing ────────────────────────────────────────────────────────────────────────────────────────────────
  changed() {
    this.input.value = write(this.polygons, this.mode, this.closed);
    this.draw();
    clearTimeout(this.waiting);
    if (this.closed) this.waiting = setTimeout(() => this.ask(), 350);
    else this.show([], collect([]));
  }

  draw() {
    const mine = [], points = [];
    for (const rings of this.polygons) {
      const open = !this.closed || this.mode === "line";
      if (open) mine.push(feature("LineString", rings[0]));
      else mine.push(feature("Polygon", rings.map((ring) => [...ring, ring[0]])));
    }
    if (this.closed) this.edges((_p, _r, _n, a, b) => points.push(feature("Point", [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2], { role: "middle" })));
    this.polygons.forEach((rings, p) => rings.forEach((ring, r) => ring.forEach((at, n) => {
      points.push(feature("Point", at, { role: "corner", chosen: this.chosen?.join() === [p, r, n].join() }));
    })));
    this.map.getSource("mine")?.setData(collect(mine.filter((each) => each.geometry.coordinates.length)));
    this.map.getSource("points")?.setData(collect(points));
    const texts = this.box.dataset;
    const count = this.polygons.flat().reduce((sum, ring) => sum + ring.length, 0);
    const whole = Math.round(this.polygons.reduce((sum, rings) => sum + area(rings), 0)).toLocaleString("en");
    this.said.textContent = this.closed ? texts.tArea.replace("AREA", whole) : texts.tPoints.replace("N", count);
  }

  // ── asking the server ──────────────────────────────────────────────────────────────────────────────────────
  async ask() {
    if (!this.box.dataset.check || !this.input.value) return;
    const turn = ++this.asking;
    const form = this.box.closest("form");
    const body = new FormData();
    body.append("polygon", this.input.value);
    const token = form.querySelector('[name="csrfmiddlewaretoken"]').value;
    try {
      const answer = await fetch(this.box.dataset.check, { method: "POST", body, headers: { "X-CSRFToken": token } });
      const told = await answer.json();
      if (turn !== this.asking) return;
      if (answer.ok) this.show(told.findings, told.shapes, told.said);
      else this.show([], collect([]), told.wrong);
    } catch {
      if (turn === this.asking) this.show([], collect([]), this.box.dataset.tLost);
    }
  }

  show(findings, shapes, said = "") {
    this.map.getSource("wrong")?.setData(shapes);
    const fit = this.box.closest("form")?.querySelector("[data-fit]");
    if (!fit) return;
    const fine = said && !findings.length && said.match(/\d/) ? `，${this.box.dataset.tFits}` : "";
    fit.querySelector("[data-fit-said]").textContent = said + fine;
    fit.querySelector("[data-findings]").replaceChildren(...findings.map((found, n) => {
      const item = document.createElement("li");
      item.className = found.kind;
      for (const [tag, cls, text] of [["span", "n", n + 1], ["b", "", found.word], ["span", "", `${found.area} m²`], ["span", "why", found.why]]) {
        const part = document.createElement(tag);
        part.className = cls;
        part.textContent = text;
        item.append(part);
      }
      return item;
    }));
  }

  // ── hands ──────────────────────────────────────────────────────────────────────────────────────────────────
  listen() {
    const { map } = this;
    map.on("click", (event) => this.click(event));
    map.on("dblclick", (event) => { event.preventDefault(); this.close(); });
    map.on("mousedown", (event) => this.grab(event));
    map.on("touchstart", (event) => { if (event.points.length === 1) this.grab(event); });
    map.on("mousemove", (event) => {
      const on = this.near(event.point) || (this.closed && this.middle(event.point));
      map.getCanvas().style.cursor = on ? "grab" : this.closed ? "" : "crosshair";
    });
    map.getCanvas().addEventListener("keydown", (event) => this.key(event), true);
    this.box.querySelectorAll("[data-do]").forEach((button) => button.addEventListener("click", () => this[button.dataset.do]()));
    this.input.addEventListener("change", () => this.pasted());
    new MutationObserver(() => this.restyle()).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  }

  click(event) {
    if (this.dragged) { this.dragged = false; return; }
    const hit = this.near(event.point);
    if (hit && !this.closed && this.mode === "polygon" && hit[2] === 0 && this.polygons[0][0].length > 2) return this.close();
    if (hit) {
      this.chosen = hit;
      return this.draw();
    }
    if (!this.closed) return this.add(event.lngLat.toArray());
    this.chosen = null;
    return this.draw();
  }

  grab(event) {
    const hit = this.near(event.point), between = !hit && this.closed && this.middle(event.point);
    if (!hit && !between) return;
    if (hit && !this.closed && this.mode === "polygon" && hit[2] === 0 && this.polygons[0][0].length > 2) return;
    event.preventDefault();
    let moved = false;
    if (hit) this.chosen = hit;
    const begin = event.point;
    const drag = (move) => {
      if (!moved && move.point.dist(begin) < 3) return;
      if (!moved) {
        moved = true;
        if (between) this.insert(between, move.lngLat.toArray());
        else this.keep();
      }
      this.shift(move.lngLat.toArray());
    };
    const drop = () => {
      this.map.off("mousemove", drag);
      this.map.off("touchmove", drag);
      if (moved) {
        this.dragged = true;
        setTimeout(() => { this.dragged = false; }, 0);
        this.changed();
      } else this.draw();
    };
    this.map.on("mousemove", drag);
    this.map.on("touchmove", drag);
    this.map.once("mouseup", drop);
    this.map.once("touchend", drop);
  }

  key(event) {
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const acts = {
      Enter: () => (this.closed ? null : this.add(this.map.getCenter().toArray())),
      Delete: () => this.remove(), Backspace: () => this.remove(),
      "[": () => this.step(-1), "]": () => this.step(1), z: () => (event.ctrlKey || event.metaKey ? this.undo() : null),
    };
    if (event.shiftKey && moves[event.key]) {
      event.preventDefault();
      event.stopPropagation();
      this.nudge(...moves[event.key].map((n) => n * 2));
    } else if (acts[event.key]) {
      event.preventDefault();
      acts[event.key]();
    }
  }

  pasted() {
    this.keep();
    this.polygons = read(this.input.value, this.mode);
    this.closed = this.mode === "polygon" && this.polygons.length > 0;
    this.chosen = null;
    this.draw();
    if (this.polygons.length) this.map.fitBounds(extent(this.polygons.flat()), { padding: 60, duration: 0 });
    if (this.closed) this.ask();
  }

  restyle() {
    this.map.setStyle(style(roles(this.box)));
    this.map.once("styledata", () => {
      this.map.getSource("around")?.setData(this.around);
      this.draw();
      if (this.closed) this.ask();
    });
  }
}

function names(lib, map, around) {
  for (const each of around.features.filter((f) => f.properties.role === "beside" && f.properties.name).slice(0, 40)) {
    const [west, south, east, north] = extent(each.geometry.coordinates);
    const el = document.createElement("span");
    el.className = "maplabel";
    el.textContent = each.properties.name;
    new lib.Marker({ element: el, anchor: "center" }).setLngLat([(west + east) / 2, (south + north) / 2]).addTo(map);
  }
}

async function start(box) {
  if (box.dataset.minded) return;
  box.dataset.minded = "1";
  box.hidden = false;
  try {
    const [lib, answer] = await Promise.all([library(box), fetch(box.dataset.draw)]);
    if (!answer.ok) throw new Error(String(answer.status));
    const around = await answer.json();
    const own = around.features.filter((f) => f.properties.role === "was");
    const shown = own.length ? own : around.features;
    const bounds = shown.length ? extent(shown.map((f) => f.geometry.coordinates)) : undefined;
    const holder = box.querySelector(".map");
    const map = new lib.Map({
      container: holder, style: style(roles(box)), bounds, fitBoundsOptions: { padding: 70, duration: 0 },
      attributionControl: false, doubleClickZoom: false, dragRotate: false, boxZoom: false, fadeDuration: 0, maxPitch: 0,
    });
    map.addControl(new lib.NavigationControl({ showCompass: false }), "top-right");
    map.getCanvas().tabIndex = -1;
    holder.addEventListener("focus", () => map.getCanvas().focus());
    map.once("load", () => {
      map.getSource("around").setData(around);
      names(lib, map, around);
      box.editor = new Editor(box, lib, map, around);
      box.dataset.ready = "1";
    });
  } catch {
    // No WebGL, no network, no library: the text area below does the same work.
    box.querySelector(".map").hidden = true;
    box.querySelector(".drawbar").hidden = true;
    box.querySelector("[data-how]").textContent = box.dataset.tBroken;
  }
}

document.querySelectorAll("[data-draw]").forEach(start);
