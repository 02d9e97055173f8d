// Running clocks change their words each minute. The patterns come from the server, so the wording stays its own;
// digits are tabular and only the text changes, so nothing on the page moves.
const texts = JSON.parse(document.getElementById("ll-words")?.textContent || "{}");
const SHAPES = { ok: ["", "clock-hour-4"], soon: ["soon", "half"], over: ["over", "alert-circle-filled"] };
const put = (pattern, time) => pattern.replace("%(time)s", time).trim();
const piece = (name, n) => `${n} ${texts[name][n === 1 ? 0 : 1]}`;

function span(minutes) {
  const days = Math.floor(minutes / 1440);
  const hours = Math.floor((minutes % 1440) / 60);
  const units = days ? [["days", days], ["hours", hours]] : [["hours", hours], ["minutes", minutes % 60]];
  return units.filter(([, n]) => n).map(([name, n]) => piece(name, n)).join(" ") || piece("minutes", 1);
}

function brief(minutes) {
  const days = Math.floor(minutes / 1440);
  if (days >= 2) return piece("days", days);
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
}

export function words(seconds, style) {
  const minutes = Math.floor(Math.abs(seconds) / 60);
  const side = seconds < 0 ? "late" : "left";
  if (style === "staff") return put(texts[`staff_${side}`], brief(minutes));
  return put(texts[minutes ? side : `${side}_moment`], span(minutes));
}

function turn(clock, now) {
  const due = Date.parse(clock.dataset.due);
  const tone = now > due ? "over" : now >= Date.parse(clock.dataset.warn) ? "soon" : "ok";
  const said = words((due - now) / 1000, clock.dataset.style);
  const text = clock.querySelector(".w");
  if (text.textContent !== said) {
    if (clock.classList.contains("bigclock")) {
      text.replaceChildren(...said.split(/(\d+)/).map((part) => {
        if (!/^\d+$/.test(part)) return document.createTextNode(part);
        const figure = document.createElement("b");
        figure.textContent = part;
        return figure;
      }));
    } else text.textContent = said;
  }
  const [css, icon] = SHAPES[tone];
  if (clock.dataset.tone === tone) return;
  // A clock that the server shows as "soon" before its own warning stays so.
  if (tone === "ok" && clock.classList.contains("soon")) return;
  clock.dataset.tone = tone;
  clock.classList.remove("soon", "over");
  if (css) clock.classList.add(css);
  const use = clock.querySelector("use");
  use?.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#i-${icon}`));
}

const tick = () => {
  const now = Date.now();
  document.querySelectorAll("[data-clock]").forEach((clock) => turn(clock, now));
};

if (texts.left) {
  // On the full minute of the visitor's watch, and at once when the page comes back to the front.
  setTimeout(() => { tick(); setInterval(tick, 60000); }, 60000 - (Date.now() % 60000));
  document.addEventListener("visibilitychange", () => { if (!document.hidden) tick(); });
}
