// Photos travel at once, one after another, with a bar each; their ids go into hidden inputs of the form.
// A phone's photo is made smaller here first, where the browser can read it: twelve megapixels are for no street lamp.
// What was sent already stays known with the form's draft, so that a lost page sends nothing twice; what was chosen and
// had not arrived is told by name, as no page can take it up again.
// Without script the file input itself is sent with the form.
const MOST = 10 * 1024 * 1024;
const SIDE = 2560;
const SMALL = 1024 * 1024;
const THUMB = 160;
const KEPT = 20 * 3600 * 1000; // the server keeps what nobody used for a day
const PICTURE = /\.(jpe?g|png|webp|gif|bmp|avif|hei[cf])$/i;

/** The picture as JPEG no larger than SIDE, with a small preview. One that the browser cannot read goes as it is. */
async function smaller(file) {
  let bitmap;
  try { bitmap = await createImageBitmap(file, { imageOrientation: "from-image" }); } catch { return { file, thumb: "" }; }
  const thumb = drawn(bitmap, THUMB).toDataURL("image/jpeg", 0.6);
  const large = Math.max(bitmap.width, bitmap.height) > SIDE || file.size > SMALL;
  const made = large && file.type !== "image/gif"
    ? await new Promise((done) => { drawn(bitmap, SIDE).toBlob(done, "image/jpeg", 0.86); })
    : null;
  bitmap.close();
  return { file: made && made.size < file.size ? new File([made], file.name, { type: "image/jpeg" }) : file, thumb };
}

function drawn(bitmap, most) {
  const scale = Math.min(1, most / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff"; // what was see-through is paper, not night
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvas;
}

function element(name, words = "", className = "") {
  const made = document.createElement(name);
  made.textContent = words;
  if (className) made.className = className;
  return made;
}

/** Which photos of this form's draft are on the server already; with a tail, which of them never got there. */
function memory(box, tail = "") {
  const draft = box.closest("form")?.dataset.draft;
  const key = draft && `linli.draft.${draft}.${box.dataset.name}${tail}`;
  return {
    read() {
      try { return JSON.parse((key && localStorage.getItem(key)) || "[]").filter((row) => Date.now() - row.at < KEPT); }
      catch { return []; }
    },
    write(rows) {
      if (!key) return;
      try { localStorage.setItem(key, JSON.stringify(rows)); } catch { /* no room: the photos are sent all the same */ }
    },
  };
}

function mind(box) {
  if (box.dataset.minded) return;
  box.dataset.minded = "1";
  const texts = JSON.parse(box.dataset.texts);
  const input = box.querySelector('input[type="file"]');
  const list = box.querySelector(".previews");
  const kept = memory(box);
  const onTheWay = memory(box, ".way");
  let lost = null;
  let turn = Promise.resolve(); // one at a time: a weak signal carries one photo sooner than nine halves
  input.removeAttribute("name");
  input.addEventListener("change", () => { take([...input.files]); input.value = ""; });
  addEventListener("online", () => list.querySelectorAll(".shot.failed").forEach((item) => item.refused || item.again?.()));
  for (const kind of ["dragover", "dragleave", "drop"]) {
    box.addEventListener(kind, (event) => {
      event.preventDefault();
      box.classList.toggle("over", kind === "dragover");
      if (kind === "drop") take([...event.dataTransfer.files]);
    });
  }
  const listed = box.closest("form")?.querySelectorAll(`.kept [name="${box.dataset.name}"]`) ?? [];
  kept.read().forEach((row) => {
    [...listed].filter((el) => el.value === row.id).forEach(unlist);
    done(card(row.name, row.thumb), row.id);
  });
  const names = onTheWay.read().map((row) => row.name);
  if (names.length) {
    lost = card(names.join("　"), "");
    show(lost, "failed", texts.lost);
    lost.classList.add("note"); // the form need not wait for it
    lost.querySelector(".again").hidden = true;
    tell();
  }

  /** The server lists what it holds as ticks without pictures; what is remembered here is shown as it looks instead. */
  function unlist(tick) {
    const all = tick.closest(".kept");
    tick.closest(".tick").remove();
    all.hidden = !all.querySelector("input");
  }

  function take(files) {
    if (files.length) lost?.querySelector(".off").click(); // it was read, and photos are being chosen again
    const room = Number(box.dataset.limit) - list.querySelectorAll(".shot:not(.note)").length;
    if (files.length > room) note(texts.many.replace("%d", box.dataset.limit));
    files.slice(0, Math.max(0, room)).forEach(add);
  }

  function note(text) {
    const item = element("li", "", "shot failed note");
    item.append(element("span", text, "cap"));
    list.append(item);
    setTimeout(() => item.remove(), 8000);
  }

  function card(name, thumb) {
    const item = element("li", "", "shot");
    const picture = document.createElement("img");
    picture.alt = name;
    if (thumb) picture.src = thumb; else picture.hidden = true;
    const bar = document.createElement("progress");
    bar.max = 1;
    const again = element("button", texts.again, "again");
    again.type = "button";
    again.hidden = true;
    const off = element("button", "", "off");
    off.type = "button";
    off.setAttribute("aria-label", `${texts.remove} ${name}`);
    off.append(element("span", "×"));
    item.append(picture, element("span", "", "cap"), bar, again, off);
    list.append(item);
    off.addEventListener("click", () => {
      item.call?.abort();
      kept.write(kept.read().filter((row) => row.id !== item.dataset.id));
      if (item === lost) { lost = null; onTheWay.write([]); }
      else arrived(item);
      item.remove();
      input.focus();
      tell();
    });
    again.addEventListener("click", () => {
      if (!item.refused) return item.again?.();
      off.click();
      input.click(); // the same file would be refused again
    });
    return item;
  }

  /** Nothing is lost with the page any more: it is on the server, or was taken back. */
  function arrived(item) {
    if (item.dataset.way) onTheWay.write(onTheWay.read().filter((row) => row.way !== item.dataset.way));
  }

  function add(file) {
    if (!file.type.startsWith("image/") && !PICTURE.test(file.name)) return note(`${file.name}　${texts.kind}`);
    const item = card(file.name, "");
    item.dataset.way = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
    onTheWay.write([...onTheWay.read(), { way: item.dataset.way, at: Date.now(), name: file.name }]);
    show(item, "busy", texts.waiting);
    item.again = () => { turn = turn.then(() => travel(item, file)); };
    item.again();
  }

  async function travel(item, file) {
    if (!item.isConnected || item.classList.contains("done")) return;
    show(item, "busy", texts.sending);
    item.ready ??= await smaller(file);
    if (item.ready.thumb) {
      const picture = item.querySelector("img");
      picture.src = item.ready.thumb;
      picture.hidden = false;
    }
    if (item.ready.file.size > MOST) return refuse(item, texts.big);
    if (item.isConnected) await send(item, item.ready);
  }

  function show(item, state, words) {
    item.className = `shot ${state}`;
    item.querySelector(".cap").textContent = state === "failed" ? `${item.querySelector("img").alt}　${words}` : words;
    item.querySelector("progress").hidden = state !== "busy";
    item.querySelector(".again").hidden = state !== "failed";
    item.querySelector(".again").textContent = item.refused ? texts.other : texts.again;
    tell();
  }

  /** No second try helps: it is too large, broken, or no picture. */
  function refuse(item, words) {
    item.refused = true;
    show(item, "failed", words);
  }

  function done(item, id) {
    const hidden = document.createElement("input");
    hidden.type = "hidden";
    hidden.name = box.dataset.name;
    hidden.value = id;
    item.dataset.id = id;
    item.append(hidden);
    const picture = item.querySelector("img"); // a browser that cannot draw HEIC still says which one it was
    show(item, "done", picture.hidden ? `${picture.alt}　${texts.done}` : texts.done);
  }

  /** The form may wait for the last one. */
  function tell() {
    box.dataset.busy = list.querySelectorAll(".shot.busy").length;
    const failed = [...list.querySelectorAll(".shot.failed:not(.note)")];
    box.dataset.failed = failed.length;
    box.dataset.refused = failed.filter((item) => item.refused).length;
    box.dispatchEvent(new CustomEvent("linli:photos", { bubbles: true }));
  }

  function send(item, { file, thumb }) {
    return new Promise((over) => {
      const call = new XMLHttpRequest();
      const bar = item.querySelector("progress");
      const body = new FormData();
      body.append("file", file);
      item.call = call;
      bar.value = 0;
      call.open("POST", box.dataset.upload);
      const token = box.closest("form")?.querySelector('[name="csrfmiddlewaretoken"]')?.value;
      if (token) call.setRequestHeader("X-CSRFToken", token);
      call.upload.onprogress = (event) => { if (event.lengthComputable) bar.value = event.loaded / event.total; };
      call.onabort = over;
      call.onerror = () => { show(item, "failed", navigator.onLine ? texts.failed : texts.offline); over(); };
      call.onload = () => {
        if (call.status < 300) {
          const { id } = JSON.parse(call.responseText);
          kept.write([...kept.read(), { id, at: Date.now(), name: file.name, thumb }]);
          arrived(item);
          done(item, id);
        } else if ([400, 413, 415, 422].includes(call.status)) refuse(item, said(call, texts));
        else show(item, "failed", said(call, texts));
        over();
      };
      call.send(body);
    });
  }
}

/** What the server says is wrong with it, where it says so in words. */
function said(call, texts) {
  if (call.status === 413) return texts.big;
  try { return JSON.parse(call.responseText).error.message || texts.failed; } catch { return call.status === 415 ? texts.kind : texts.failed; }
}

/** A form sent while a photo is on its way waits for it: it would go without. The form that says so itself does so. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  const by = event.submitter;
  const box = form.querySelector("[data-upload]");
  if (!Number(box?.dataset.busy) || form.matches("[data-say-form]") || by?.formNoValidate) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (form.dataset.held) return;
  form.dataset.held = "1";
  by?.setAttribute("aria-busy", "true");
  form.addEventListener("linli:photos", function look() {
    if (Number(box.dataset.busy)) return;
    form.removeEventListener("linli:photos", look);
    delete form.dataset.held;
    by?.removeAttribute("aria-busy");
    if (Number(box.dataset.failed)) form.querySelector(".shot.failed:not(.note) .again")?.focus();
    else if (form.isConnected) form.requestSubmit(by?.isConnected ? by : undefined);
  });
}, true);

document.querySelectorAll("[data-upload]").forEach(mind);
document.addEventListener("htmx:load", (event) => event.target.querySelectorAll?.("[data-upload]").forEach(mind));
