// Evaluated in the page of h1 serve; what it returns is the verdict. It is wrapped in a function by the test.
const until = async (what, condition) => {
	for (const end = Date.now() + 15000; !condition(); await new Promise((r) => setTimeout(r, 20))) {
		if (Date.now() > end) throw new Error("still waiting: " + what);
	}
};
const check = (what, got, want) => {
	if (String(got) !== String(want)) throw new Error(`${what}: ${got}, ${want} expected`);
};
const hex = (b) => Array.from(new Uint8Array(b), (x) => x.toString(16).padStart(2, "0")).join("");
const $ = (id) => document.getElementById(id);

// The page itself: its ticks, and its forms.
await until("loading", () => document.readyState === "complete");
await until("ticks on the page", () => Number($("tick").textContent) >= 3);
$("echo").requestSubmit();
await until("echo form", () => $("echo-result").textContent.includes("hello, octets"));
$("stream").requestSubmit();
await until("stream form", () => $("stream-result").textContent.includes("done;"));
check("stream form", $("stream-result").textContent.match(/ms  chunk \d of 5/g).length, 5);
$("dump").requestSubmit();
await until("dump form", () => $("dump-result").textContent.includes('"origin-form"'));

// A stream of events that ends: the browser comes back, tells the last one it has seen, and is told to stay away.
const ids = [];
const source = new EventSource("/events?n=3&interval=50ms");
source.addEventListener("tick", (e) => ids.push(e.lastEventId));
await until("end of the events", () => source.readyState === EventSource.CLOSED);
check("events", ids, "1,2,3");

// Bodies.
const body = new Uint8Array(5 << 20).map((_, i) => (i * 31) >> 3);
const uploaded = await (await fetch("/upload", { method: "POST", body })).json();
check("upload", uploaded.sha256, hex(await crypto.subtle.digest("SHA-256", body)));
const echoed = new Uint8Array(await (await fetch("/echo", { method: "POST", body })).arrayBuffer());
check("echo", echoed.every((x, i) => x === body[i]) && echoed.length, body.length);
check("too large", (await fetch("/echo", { method: "POST", body: new Uint8Array(7 << 20) })).status, 413);
check("not found", (await fetch("/no/such/path", { method: "PUT", body })).status, 404);

// What is in a URL that a user may type or a script may build is taken, not refused.
for (const target of ["/dump?a=[b]|{c}^`%zz", "/dump?q=ü", "/dump?'\"<>\\", "/dump#fragment"]) {
	check(target, (await fetch(target)).status, 200);
}

// Many at once, over the browser's six connections.
const all = await Promise.all(Array.from({ length: 100 }, async (_, i) => (await (await fetch("/dump?" + i)).json()).remote));
check("connections", new Set(all).size <= 6, true);
return "passed";
