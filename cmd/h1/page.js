'use strict';

const $ = id => document.getElementById(id);

// Times as the browser saw them.
addEventListener('load', () => setTimeout(() => {
	const t = performance.getEntriesByType('navigation')[0];
	if (!t || !t.responseEnd) return;
	$('seen').textContent = (t.responseEnd - t.requestStart).toFixed(1) + ' ms';
	const small = document.createElement('small');
	small.textContent = 'as the browser saw it';
	$('seen').append(small);
	$('seen').hidden = $('seen-name').hidden = false;
}));

// Live: one dot for each tick, the newest on the right. It is closed while the page is hidden, for a browser opens only
// six connections to a server, and a few forgotten tabs would take them all.
const ticks = {
	source: null,
	paused: false,
	dots: [],
	open() {
		this.close();
		this.source = new EventSource('/events');
		this.source.onopen = () => this.say('connected');
		this.source.onerror = () => this.say('connecting again');
		this.source.addEventListener('tick', e => this.tick(e.lastEventId));
	},
	close() {
		if (this.source) this.source.close();
		this.source = null;
	},
	say(state) { $('tick-state').textContent = state; },
	tick(id) {
		$('tick').textContent = id;
		const dot = document.createElement('i');
		$('track').append(dot);
		this.dots.unshift(dot);
		this.dots.splice(40).forEach(d => d.remove());
		this.dots.forEach((d, i) => { d.style.opacity = 1 - i / 40; });
	},
	follow() {
		const open = !this.paused && !document.hidden;
		if (open && !this.source) this.open();
		if (!open) this.close();
		if (this.paused) this.say('paused');
		$('tick-toggle').textContent = this.paused ? 'go on' : 'pause';
	},
};
document.addEventListener('visibilitychange', () => ticks.follow());
$('tick-toggle').disabled = false;
$('tick-toggle').onclick = () => { ticks.paused = !ticks.paused; ticks.follow(); };
ticks.follow();

// Try: each form works without this script too, by leaving the page.
function onSubmit(id, send) {
	const out = $(id + '-result');
	$(id).onsubmit = async e => {
		e.preventDefault();
		const button = e.submitter || $(id).querySelector('button');
		button.disabled = true;
		out.textContent = '';
		try {
			await send(new FormData($(id)), text => { out.textContent += text; });
		} catch (err) {
			out.textContent += err.message;
		}
		button.disabled = false;
	};
}

const answer = r => r.status + ' ' + r.statusText + ', ' + (r.headers.get('Content-Type') || 'no type') + '\n';

onSubmit('echo', async (form, show) => {
	const r = await fetch('/echo', { method: 'POST', body: form.get('text') });
	show(answer(r));
	show(await r.text());
});

onSubmit('stream', async (form, show) => {
	const began = performance.now();
	const r = await fetch('/stream?' + new URLSearchParams(form));
	const decoder = new TextDecoder();
	for (const reader = r.body.getReader(); ;) {
		const { value, done } = await reader.read();
		if (done) break;
		const at = (performance.now() - began).toFixed(0).padStart(6) + ' ms  ';
		show(decoder.decode(value, { stream: true }).replace(/^(?=.)/gm, at));
	}
	show('done; browsers keep the trailer fields to themselves, curl -v shows them\n');
});

onSubmit('upload', (form, show) => new Promise((resolve, reject) => {
	const x = new XMLHttpRequest(); // fetch doesn't tell how much it has sent
	x.open('POST', '/upload');
	x.upload.onprogress = e => { if (e.lengthComputable) $('upload-progress').value = e.loaded / (e.total || 1); };
	x.onload = () => { show(x.status + ' ' + x.statusText + '\n' + x.responseText); resolve(); };
	x.onerror = () => reject(new Error('the connection was cut'));
	x.send(form.get('file'));
}));

onSubmit('dump', async (form, show) => {
	const method = form.get('method');
	const body = method === 'GET' || method === 'OPTIONS' ? undefined : 'a body';
	const r = await fetch('/dump?' + new URLSearchParams({ q: form.get('q') }), { method, body });
	show(answer(r));
	show(await r.text());
});
