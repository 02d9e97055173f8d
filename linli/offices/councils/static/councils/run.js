// The clock of the one who speaks: counts down beside the words that say the same without a script.
const shown = (seconds) => {
  const left = Math.abs(seconds);
  return `${seconds < 0 ? "+" : ""}${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
};

const tick = () => {
  for (const clock of document.querySelectorAll("[data-began]")) {
    const ends = Date.parse(clock.dataset.began) + Number(clock.dataset.minutes) * 60_000;
    const seconds = Math.round((ends - Date.now()) / 1000);
    clock.textContent = shown(seconds);
    clock.toggleAttribute("data-over", seconds < 0);
  }
};

tick();
setInterval(tick, 1000);
