// "Nearest first": asks the phone where it is only when pressed, and puts the answer into the address of the list.
const button = document.querySelector("[data-near]");
const said = document.querySelector("[data-near-said]");
if (button && navigator.geolocation) {
  button.hidden = false;
  button.addEventListener("click", () => navigator.geolocation.getCurrentPosition(({ coords }) => {
    const at = new URL(location.href);
    at.searchParams.set("near", `${coords.longitude.toFixed(4)},${coords.latitude.toFixed(4)}`);
    at.searchParams.delete("cursor");
    location.assign(at);
  }, () => { said.textContent = button.dataset.denied; }, { timeout: 10000 }));
}
