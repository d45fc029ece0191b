// What the pages do beyond links and forms. Every page works without it. Nothing here turns a string into markup: documents
// are parsed by the browser from this server's own answers, and their elements are moved over.
"use strict";
(() => {
  const root = document.documentElement;
  const all = (selector, under = document) => [...under.querySelectorAll(selector)];
  const one = (selector, under = document) => under.querySelector(selector);
  const on = (type, act, options) => document.addEventListener(type, act, options);
  root.classList.add("js");
  // The answer to a form stands under the address to which it was sent, where nothing can be asked for.
  if (document.body.dataset.address) history.replaceState(null, "", document.body.dataset.address);

  // ---- Small things -------------------------------------------------------------------------------------------------

  const toasts = document.createElement("div");
  toasts.className = "toasts";
  toasts.setAttribute("role", "status");
  document.body.append(toasts);

  const toast = (text) => {
    const shown = document.createElement("div");
    shown.className = "toast";
    shown.textContent = text;
    toasts.append(shown);
    setTimeout(() => shown.remove(), 5000);
  };

  const typing = (element) =>
    element instanceof HTMLElement && (element.isContentEditable || element.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=button])"));

  // A document of this server, parsed by the browser. `fragment` asks for one element of it.
  const load = (address, fragment) =>
    new Promise((done, fail) => {
      const url = new URL(address, location.href);
      if (url.origin !== location.origin) return fail(new Error("foreign address"));
      const request = new XMLHttpRequest();
      request.open("GET", url);
      request.responseType = "document";
      request.timeout = 15000;
      if (fragment) request.setRequestHeader("X-Fragment", fragment);
      request.onload = () => (request.status < 400 && request.response ? done(request.response) : fail(new Error(`status ${request.status}`)));
      request.onerror = request.ontimeout = () => fail(new Error("no answer"));
      request.send();
    });

  // ---- Ages that stay fresh, by the same table as `format::age` -------------------------------------------------------

  const span = (seconds) => {
    const days = Math.floor(seconds / 86400);
    if (seconds < 60) return "now";
    if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
    if (seconds < 86400) return `${Math.floor(seconds / 3600)} h`;
    if (days < 90) return `${days} d`;
    return days < 730 ? `${Math.floor(days / 30)} mo` : `${Math.floor(days / 365)} y`;
  };

  const freshen = () => {
    for (const time of all("time[data-age]")) {
      const seconds = Math.floor((Date.now() - Date.parse(time.dateTime)) / 1000);
      if (Number.isNaN(seconds)) continue;
      const text = span(seconds);
      time.textContent = time.dataset.age !== "ago" ? text : text === "now" ? "just now" : `${text} ago`;
    }
  };
  // The clock of the server wrote them; a client whose clock is far off would make them wrong.
  const skew = all("time[data-age]").some((time) => Date.parse(time.dateTime) - Date.now() > 120000);
  if (!skew) setInterval(freshen, 30000);

  // ---- Theme ----------------------------------------------------------------------------------------------------------

  on("submit", (event) => {
    const form = event.target.closest("[data-theme-form]");
    const theme = form && event.submitter && event.submitter.value;
    if (!theme) return;
    event.preventDefault();
    root.dataset.theme = theme;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `theme=${theme}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
    for (const button of all("button[name=theme]")) button.setAttribute("aria-pressed", String(button.value === theme));
  });

  // ---- Menus: one at a time, closed by a click elsewhere or Escape ----------------------------------------------------

  on("click", (event) => {
    for (const menu of all("details.drop[open]")) if (!menu.contains(event.target)) menu.open = false;
  });

  // ---- Forms ----------------------------------------------------------------------------------------------------------

  // Filters send themselves, without the fields that are empty.
  const send = (form) => {
    for (const field of form.elements) if (field.name && field.value === "") field.disabled = true;
    form.requestSubmit();
  };
  let waiting = 0;
  on("change", (event) => {
    const form = event.target.form;
    if (!form || form.dataset.auto === undefined) return;
    // Several boxes in one menu are one change: it is sent when the menu closes, or after a pause.
    clearTimeout(waiting);
    waiting = setTimeout(() => send(form), event.target.type === "checkbox" ? 700 : 0);
  });

  // What was typed is not lost by a click.
  const changed = new Set();
  on("input", (event) => {
    const form = event.target.form;
    if (form && form.dataset.guard !== undefined) changed.add(form);
  });
  on("submit", (event) => {
    changed.delete(event.target);
    // A form that was sent is not sent twice.
    if (event.target.getAttribute("method") === "post" && !event.defaultPrevented) {
      const button = event.submitter;
      if (!button) return;
      setTimeout(() => (button.disabled = true));
      // An answer that is a file leaves the page as it is.
      setTimeout(() => (button.disabled = false), 4000);
    }
  });
  addEventListener("pageshow", (event) => event.persisted && all("button:disabled").forEach((button) => (button.disabled = false)));
  addEventListener("beforeunload", (event) => {
    for (const form of changed) if (form.isConnected) return event.preventDefault();
  });

  // ---- Selecting rows -------------------------------------------------------------------------------------------------

  const ticks = (form) => all("tbody input[type=checkbox][name=id]", form);

  const count = (form) => {
    const boxes = ticks(form);
    const chosen = boxes.filter((box) => box.checked).length;
    const head = one("[data-all]", form);
    if (head) {
      head.checked = chosen > 0 && chosen === boxes.length;
      head.indeterminate = chosen > 0 && chosen < boxes.length;
    }
    const said = one("[data-selected]", form);
    if (said) said.textContent = chosen === 1 ? "1 row selected" : `${chosen} rows selected`;
  };

  let lastTick = null;
  on("click", (event) => {
    const box = event.target;
    if (!(box instanceof HTMLInputElement) || box.type !== "checkbox" || !box.form) return;
    if (box.dataset.all !== undefined) {
      for (const tick of ticks(box.form)) tick.checked = box.checked;
    } else if (box.name === "id") {
      const boxes = ticks(box.form);
      const [from, to] = [boxes.indexOf(lastTick), boxes.indexOf(box)].sort((a, b) => a - b);
      if (event.shiftKey && from >= 0) for (const tick of boxes.slice(from, to + 1)) tick.checked = box.checked;
      lastTick = box;
    } else return;
    count(box.form);
  });

  // ---- Dialogs: in the page, or made of a page that stands on its own -------------------------------------------------

  const show = (dialog) => {
    dialog.showModal();
    const first = one("input:not([type=hidden]), textarea, select", dialog);
    if (first) first.focus();
  };

  const borrow = async (link) => {
    const page = await load(link.href);
    const body = one("[data-dialog-body]", page);
    if (!body) throw new Error("no form there");
    const dialog = document.createElement("dialog");
    const head = document.createElement("div");
    head.className = "dialog-head";
    const title = document.createElement("h2");
    const heading = one("h1", page);
    title.textContent = heading ? heading.textContent : link.textContent;
    title.id = "dialog-title";
    head.append(title);
    dialog.setAttribute("aria-labelledby", title.id);
    dialog.append(head, document.adoptNode(body));
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    show(dialog);
  };

  on("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    const closer = event.target.closest("[data-close]");
    if (closer && closer.closest("dialog")) {
      event.preventDefault();
      changed.clear();
      closer.closest("dialog").close();
    } else if (opener && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      const menu = opener.closest("details.drop");
      if (menu) menu.open = false;
      const dialog = opener.dataset.dialog && one(opener.dataset.dialog);
      if (dialog) show(dialog);
      else borrow(opener).catch(() => (location.href = opener.href));
    } else if (event.target instanceof HTMLDialogElement) {
      // A click beside the dialog closes it, unless something was typed.
      const box = event.target.getBoundingClientRect();
      const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
      if (!inside && !changed.size) event.target.close();
    }
  });

  // ---- Master and detail: on a wide screen a row opens beside its list -------------------------------------------------

  let shown = location.pathname + location.search;
  const open = async (link) => {
    const list = link.closest("[data-live][id]");
    const page = await load(link.dataset.beside);
    const fresh = list && page.getElementById(idOf(list));
    if (!fresh) throw new Error("no list there");
    const chosen = new Set(all("input[name=id]:checked", list).map((box) => box.value));
    const next = document.adoptNode(fresh.parentElement);
    list.parentElement.replaceWith(next);
    history.pushState(null, "", link.dataset.beside);
    shown = location.pathname + location.search;
    for (const box of all("input[name=id]", next)) box.checked = chosen.has(box.value);
    ready(next);
    const same = one(`a[data-beside="${CSS.escape(link.dataset.beside)}"]`, next) || one("a[aria-current]", next);
    if (same) same.focus({ preventScroll: true });
  };

  on("click", (event) => {
    const link = event.target.closest("a[data-beside]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || link.hasAttribute("aria-current")) return;
    if (!matchMedia("(min-width: 1181px)").matches) return;
    event.preventDefault();
    open(link).catch(() => (location.href = link.href));
  });
  // The address came from above, so going back fetches the page of before; a place on the same page needs nothing.
  addEventListener("popstate", () => {
    if (location.pathname + location.search !== shown) location.reload();
  });

  // ---- Copying --------------------------------------------------------------------------------------------------------

  on("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    if (!navigator.clipboard) return toast("This browser copies over a secure connection only");
    navigator.clipboard.writeText(button.dataset.copy).then(
      () => toast("Copied"),
      () => toast("The browser did not allow copying"),
    );
  });

  // ---- Keyboard -------------------------------------------------------------------------------------------------------

  const rows = () => all("[data-row]").filter((row) => row.offsetParent !== null);
  const target = (row) => one("a[data-open]", row) || one("a, button", row);

  const move = (by) => {
    const list = rows();
    if (!list.length) return;
    const now = list.findIndex((row) => row.contains(document.activeElement));
    const selected = now < 0 ? list.findIndex((row) => row.classList.contains("sel")) : now;
    const next = list[Math.max(0, Math.min(list.length - 1, selected < 0 ? 0 : selected + by))];
    const focus = target(next);
    if (focus) focus.focus();
  };

  const select = () => {
    const row = document.activeElement && document.activeElement.closest("[data-row]");
    const box = row && one("input[name=id]", row);
    if (box) box.click();
    if (row && target(row)) target(row).focus();
  };

  const escape = () => {
    const menu = one("details.drop[open]");
    if (menu) {
      menu.open = false;
      const summary = one("summary", menu);
      if (summary) summary.focus();
      return;
    }
    for (const box of all("tbody input[name=id]:checked")) {
      box.checked = false;
      count(box.form);
    }
  };

  let went = 0;
  on("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || one("dialog[open]")) return;
    if (event.key === "Escape") {
      if (typing(event.target)) event.target.blur();
      return escape();
    }
    if (typing(event.target)) return;
    const after = Date.now() - went < 1200;
    went = 0;
    if (after) {
      const there = one(`[data-go="${CSS.escape(event.key)}"]`);
      if (there) {
        event.preventDefault();
        location.href = there.href;
      }
    } else if (event.key === "g") {
      went = Date.now();
    } else if (event.key === "j" || event.key === "k") {
      event.preventDefault();
      move(event.key === "j" ? 1 : -1);
    } else if (event.key === "x") {
      select();
    } else {
      // Anything on the page may ask for a key: the first that can be seen gets it.
      const named = all("[data-key]").find((element) => element.dataset.key === event.key && (element.offsetParent !== null || event.key === "?"));
      if (!named) return;
      event.preventDefault();
      if (typing(named)) {
        named.focus();
        if (named.select) named.select();
      } else named.click();
    }
  });

  // ---- Drawings: drag to move, buttons and Ctrl + wheel for size ------------------------------------------------------

  const prepare = (frame) => {
    const svg = one("svg", frame);
    if (!svg || frame.dataset.ready) return;
    frame.dataset.ready = "true";
    const size = [Number(svg.getAttribute("width")), Number(svg.getAttribute("height"))];
    const shown = svg.getBoundingClientRect();
    const fitting = shown.width / size[0] || 1;
    let scale = fitting;
    // What it is about is in view.
    const centre = one(".self", svg);
    if (centre) {
      const box = centre.getBoundingClientRect();
      frame.scrollLeft = box.left + box.width / 2 - shown.left - frame.clientWidth / 2;
    }
    const zoom = (factor) => {
      const before = scale;
      scale = factor === 0 ? fitting : Math.max(0.3, Math.min(3, scale * factor));
      svg.classList.add("free");
      svg.setAttribute("width", String(size[0] * scale));
      svg.setAttribute("height", String(size[1] * scale));
      const middle = (frame.scrollLeft + frame.clientWidth / 2) / before;
      frame.scrollLeft = middle * scale - frame.clientWidth / 2;
    };
    const buttons = document.createElement("div");
    buttons.className = "zoom";
    for (const [label, text, factor] of [["Larger", "+", 1.25], ["Smaller", "\u2212", 0.8], ["Fit", "Fit", 0]]) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn s";
      button.textContent = text;
      button.setAttribute("aria-label", label);
      button.addEventListener("click", () => zoom(factor));
      buttons.append(button);
    }
    frame.after(buttons);
    frame.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      zoom(event.deltaY < 0 ? 1.12 : 0.89);
    }, { passive: false });
    let held = null;
    frame.addEventListener("pointerdown", (event) => {
      if (event.pointerType === "mouse" && event.button === 0) held = [event.clientX + frame.scrollLeft, event.clientY + frame.scrollTop, false];
    });
    addEventListener("pointermove", (event) => {
      if (!held) return;
      const [x, y] = [held[0] - event.clientX, held[1] - event.clientY];
      held[2] = held[2] || Math.abs(x - frame.scrollLeft) + Math.abs(y - frame.scrollTop) > 4;
      frame.scrollLeft = x;
      frame.scrollTop = y;
    });
    addEventListener("pointerup", () => setTimeout(() => (held = null)));
    // Letting go after a move is not a click on a box.
    frame.addEventListener("click", (event) => held && held[2] && event.preventDefault(), true);
    frame.addEventListener("dragstart", (event) => event.preventDefault());
  };

  // ---- Live -----------------------------------------------------------------------------------------------------------

  // Where the focus was inside an element, so that it can be there again in the new one.
  const focusPath = (element) => {
    const focus = document.activeElement;
    if (!focus || focus === element || !element.contains(focus)) return null;
    if (focus.id) return `#${CSS.escape(focus.id)}`;
    const href = focus.getAttribute("href");
    if (href) return `a[href="${CSS.escape(href)}"]`;
    return focus.name ? `[name="${CSS.escape(focus.name)}"][value="${CSS.escape(focus.value)}"]` : null;
  };

  // A field called `id` hides the property of its form.
  const idOf = (element) => element.getAttribute("id");

  const busy = (element) => typing(document.activeElement) && element.contains(document.activeElement);

  const refresh = async (element) => {
    // What somebody is typing into, or looks at in an open menu, waits.
    if (busy(element) || one("details.drop[open], dialog[open]", element)) return;
    const page = await load(location.href, idOf(element));
    const fresh = page.getElementById(idOf(element));
    if (!fresh || busy(element)) return;
    const focus = focusPath(element);
    const chosen = new Set(all("input[name=id]:checked", element).map((box) => box.value));
    const open = all("details[open]", element).map((details) => details.id).filter(Boolean);
    const [top, left] = [element.scrollTop, element.scrollLeft];
    const next = document.adoptNode(fresh);
    next.classList.add("fresh");
    element.replaceWith(next);
    for (const box of all("input[name=id]", next)) box.checked = chosen.has(box.value);
    for (const id of open) if (document.getElementById(id)) document.getElementById(id).open = true;
    next.scrollTop = top;
    next.scrollLeft = left;
    if (focus && one(focus, next)) one(focus, next).focus({ preventScroll: true });
    ready(next);
  };

  const topics = (element) => element.dataset.live.split(/\s+/).filter(Boolean);

  const listen = () => {
    const address = document.body.dataset.events;
    const shown = document.getElementById("live");
    if (!address || !shown || !one("[data-live]")) return;
    const state = (lost) => {
      shown.hidden = false;
      shown.classList.toggle("lost", lost);
      shown.textContent = lost ? "Reconnecting" : "Live";
    };
    const due = new Set();
    let timer = 0;
    // Events come in bursts; one look at the server answers many of them. A page in the background waits.
    const flush = () => {
      timer = 0;
      if (document.hidden) return;
      for (const element of all("[data-live][id]")) {
        if (topics(element).some((topic) => due.has(topic))) refresh(element).catch(() => state(true));
      }
      due.clear();
    };
    const take = (topic) => {
      due.add(topic);
      if (!timer) timer = setTimeout(flush, 400);
    };
    on("visibilitychange", () => due.size && flush());
    const source = new EventSource(address);
    let lost = false;
    source.onopen = () => {
      // What happened while the connection was down was not told.
      if (lost) for (const element of all("[data-live]")) topics(element).forEach(take);
      lost = false;
      state(false);
    };
    source.onerror = () => {
      lost = true;
      state(true);
    };
    const known = new Set(all("[data-live]").flatMap(topics));
    for (const topic of known) source.addEventListener(topic, () => take(topic));
    source.addEventListener("notice", (event) => toast(event.data));
    addEventListener("pagehide", () => source.close());
  };

  const ready = (under) => {
    all("[data-pan]", under).forEach(prepare);
    all("[data-selected]", under).forEach((said) => said.closest("form") && count(said.closest("form")));
    freshen();
  };
  if (skew) all("time[data-age]").forEach((time) => time.removeAttribute("data-age"));
  ready(document);
  listen();
})();
