// Maps: our own GeoJSON, no tiles, no glyphs, nobody else asked. [data-map-picker] picks a point, [data-map] shows.
// Names are drawn by the browser as plain markers, so no font files are needed.
export const roles = (el) => {
  const css = getComputedStyle(el);
  return (name) => css.getPropertyValue(`--${name}`).trim();
};

export async function library(box) {
  if (!document.querySelector("link[data-maplibre]")) {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = box.dataset.css;
    link.dataset.maplibre = "";
    document.head.append(link);
  }
  const lib = await import("../vendor/maplibre-gl.mjs");
  lib.setWorkerUrl(new URL("../vendor/maplibre-gl-worker.mjs", import.meta.url).href);
  return lib;
}

function extent(shapes) {
  const box = [180, 90, -180, -90];
  const walk = (c) => {
    if (typeof c[0] === "number") {
      box[0] = Math.min(box[0], c[0]); box[1] = Math.min(box[1], c[1]);
      box[2] = Math.max(box[2], c[0]); box[3] = Math.max(box[3], c[1]);
    } else c.forEach(walk);
  };
  shapes.features.forEach((f) => f.geometry && walk(f.geometry.coordinates));
  return box[0] > box[2] ? null : box;
}

const toned = (role, otherwise) => ["match", ["get", "tone"], "over", role("over"), "soon", role("soon"), otherwise];

function style(role, shapes) {
  const area = ["==", ["geometry-type"], "Polygon"];
  const tall = [">", ["coalesce", ["get", "height"], 0], 0];
  return {
    version: 8,
    sources: { ours: { type: "geojson", data: shapes, promoteId: "code" } },
    layers: [
      { id: "ground", type: "background", paint: { "background-color": role("sunk") } },
      { id: "areas", type: "fill", source: "ours", filter: ["all", area, ["!", tall]],
        paint: { "fill-color": toned(role, role("surface")), "fill-opacity": ["match", ["get", "tone"], ["over", "soon"], 0.35, 0.9] } },
      { id: "edges", type: "line", source: "ours", filter: ["all", area, ["!", tall]],
        paint: { "line-color": ["case", ["to-boolean", ["get", "chosen"]], role("dai"), role("field")],
                 "line-width": ["case", ["to-boolean", ["get", "chosen"]], 2.5, 1] } },
      { id: "roads", type: "line", source: "ours", filter: ["==", ["geometry-type"], "LineString"],
        paint: { "line-color": role("line"), "line-width": 3 } },
      { id: "houses", type: "fill-extrusion", source: "ours", filter: ["all", area, tall],
        paint: { "fill-extrusion-color": toned(role, role("line")), "fill-extrusion-height": ["get", "height"],
                 "fill-extrusion-opacity": 0.92 } },
      { id: "points", type: "circle", source: "ours", filter: ["==", ["geometry-type"], "Point"],
        paint: { "circle-radius": 7, "circle-color": toned(role, role("dai")), "circle-stroke-width": 2,
                 "circle-stroke-color": role("surface") } },
    ],
  };
}

function label(lib, map, feature) {
  const box = extent({ features: [feature] });
  if (!box || !feature.properties?.name) return null;
  const el = document.createElement("span");
  el.className = `maplabel ${feature.properties.tone || ""}`.trim();
  el.textContent = feature.properties.name;
  new lib.Marker({ element: el, anchor: "center" }).setLngLat([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2]).addTo(map);
  return { el, size: (box[2] - box[0]) * (box[3] - box[1]) };
}

// Names that would lie on each other: the smaller place keeps its own, the other waits for a closer look.
function untangle(labels) {
  const kept = [];
  for (const { el } of labels) {
    const a = el.getBoundingClientRect();
    const free = kept.every((b) => a.right < b.left || b.right < a.left || a.bottom < b.top || b.bottom < a.top);
    el.style.visibility = free ? "" : "hidden";
    if (free) kept.push(a);
  }
}

async function draw(box) {
  const [lib, answer] = await Promise.all([library(box), fetch(box.dataset.mapPicker || box.dataset.map)]);
  if (!answer.ok) throw new Error(String(answer.status));
  const shapes = await answer.json();
  const bounds = extent(shapes);
  const holder = box.querySelector(".map");
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const texts = JSON.parse(box.dataset.texts);
  const map = new lib.Map({
    locale: { "Map.Title": texts.map, "NavigationControl.ZoomIn": texts.nearer, "NavigationControl.ZoomOut": texts.further, "NavigationControl.ResetBearing": texts.north },
    container: holder, style: style(roles(box), shapes), bounds: bounds || undefined, fitBoundsOptions: { padding: 28, duration: 0 },
    attributionControl: false, fadeDuration: calm ? 0 : 200, cooperativeGestures: false, maxPitch: 60,
  });
  map.addControl(new lib.NavigationControl({ visualizePitch: true }), "top-right");
  // The canvas would be a second stop for the keyboard beside its frame.
  map.getCanvas().tabIndex = -1;
  holder.addEventListener("focus", () => map.getCanvas().focus());
  const names = shapes.features.filter((f) => f.properties?.name && f.geometry?.type !== "Point");
  map.once("load", () => {
    const labels = names.slice(0, 60).map((f) => label(lib, map, f)).filter(Boolean).sort((a, b) => a.size - b.size);
    requestAnimationFrame(() => untangle(labels));
    map.on("moveend", () => untangle(labels));
    box.dataset.ready = "1";
  });
  new MutationObserver(() => map.setStyle(style(roles(box), shapes))).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  return { lib, map, shapes, bounds };
}

function marker() {
  const el = document.createElement("span");
  el.className = "pin";
  el.innerHTML = '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 22S5 16 5 10a7 7 0 0 1 14 0c0 6-7 12-7 12z"/><circle cx="12" cy="10" r="2.4"/></svg>';
  return el;
}

function picker(box, { lib, map, bounds }) {
  const texts = JSON.parse(box.dataset.texts);
  const [lon, lat, said] = ["lon", "lat", "said"].map((name) => box.querySelector(`[data-${name}]`));
  let pin = null;
  const put = (at) => {
    if (!pin) {
      pin = new lib.Marker({ element: marker(), anchor: "bottom", draggable: true });
      pin.setLngLat(at).addTo(map);
      pin.on("dragend", () => put(pin.getLngLat().toArray()));
    }
    pin.setLngLat(at);
    [lon.value, lat.value] = at.map((n) => n.toFixed(6));
    const name = map.queryRenderedFeatures(map.project(at)).map((f) => f.properties.name).find(Boolean);
    said.textContent = texts.picked.replace("%s", name || `${lon.value}, ${lat.value}`);
    box.dispatchEvent(new CustomEvent("linli:picked", { bubbles: true, detail: { lon: at[0], lat: at[1] } }));
  };
  map.on("click", (event) => put(event.lngLat.toArray()));
  map.getCanvas().addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    put(map.getCenter().toArray());
  });
  const here = box.querySelector("[data-here]");
  here.hidden = !navigator.geolocation;
  here.addEventListener("click", () => navigator.geolocation.getCurrentPosition(({ coords }) => {
    const at = [coords.longitude, coords.latitude];
    if (bounds && (at[0] < bounds[0] || at[0] > bounds[2] || at[1] < bounds[1] || at[1] > bounds[3])) {
      said.textContent = texts.outside;
      return;
    }
    map.jumpTo({ center: at, zoom: 17 });
    put(at);
  }, () => { said.textContent = texts.denied; }, { enableHighAccuracy: true, timeout: 10000 }));
  if (lon.value && lat.value) map.once("load", () => put([Number(lon.value), Number(lat.value)]));
}

function viewer(box, { map }) {
  map.on("click", (event) => {
    const found = map.queryRenderedFeatures(event.point).find((f) => f.properties.url);
    if (found && found.properties.url.startsWith("/")) location.assign(found.properties.url);
  });
  map.on("mousemove", (event) => {
    const link = map.queryRenderedFeatures(event.point).some((f) => f.properties.url);
    map.getCanvas().style.cursor = link ? "pointer" : "";
  });
}

async function start(box) {
  if (box.dataset.minded) return;
  box.dataset.minded = "1";
  box.hidden = false;
  const pick = "mapPicker" in box.dataset;
  try {
    const made = await draw(box);
    (pick ? picker : viewer)(box, made);
  } catch {
    // No WebGL, no network, no library: the list of places beside the map does the same work.
    box.querySelector(".map").hidden = true;
    box.querySelector("[data-here]")?.setAttribute("hidden", "");
    const said = box.querySelector("[data-said]");
    said.prepend(`${JSON.parse(box.dataset.texts).broken} `);
  }
}

const all = "[data-map-picker], [data-map]";
document.querySelectorAll(all).forEach(start);
document.addEventListener("htmx:load", (event) => event.target.querySelectorAll?.(all).forEach(start));
