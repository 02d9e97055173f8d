// Where the rider stands, asked of the phone once, when the page opens. It is sent with the report and with nothing else.
const form = document.querySelector("[data-spot]");
const said = document.querySelector("[data-at]");
const where = document.querySelector("[data-where]");
if (form && said) {
  const [lon, lat] = ["lon", "lat"].map((name) => form.elements[name]);
  const none = () => { said.textContent = said.dataset.none; where.open = true; };
  if (!lon.value && navigator.geolocation) {
    said.textContent = said.dataset.finding;
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      [lon.value, lat.value] = [coords.longitude, coords.latitude].map((n) => n.toFixed(6));
      said.textContent = said.dataset.found;
    }, none, { enableHighAccuracy: true, timeout: 8000 });
  } else if (!lon.value) none();
}
