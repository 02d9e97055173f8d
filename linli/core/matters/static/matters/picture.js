// A box drawn on the picture fills the four numbers, and the numbers draw the box: pointer and keyboard do the same.
const canvas = document.querySelector("[data-picture]");
const box = canvas?.querySelector("[data-box]");
const sides = [...document.querySelectorAll("[data-side]")];

function draw() {
  const [x, y, w, h] = sides.map((side) => Math.max(0, Number(side.value) || 0));
  for (const [name, value] of Object.entries({ x, y, width: w, height: h })) box.setAttribute(name, value);
}

if (canvas && sides.length === 4) {
  let from = null;
  const at = (event) => {
    const frame = canvas.getBoundingClientRect();
    const part = (value, start, length) => Math.min(100, Math.max(0, ((value - start) / length) * 100));
    return [part(event.clientX, frame.left, frame.width), part(event.clientY, frame.top, frame.height)];
  };
  const fill = (to) => {
    const found = [Math.min(from[0], to[0]), Math.min(from[1], to[1]), Math.abs(from[0] - to[0]), Math.abs(from[1] - to[1])];
    found.forEach((value, n) => { sides[n].value = value.toFixed(1); });
    draw();
  };
  canvas.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    from = at(event);
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => { if (from) fill(at(event)); });
  for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => { from = null; });
  for (const side of sides) side.addEventListener("input", draw);
  draw();
}
