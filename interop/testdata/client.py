"""Python's clients against h1 serve.

    client.py                   the names of the cases
    client.py CASE URL          runs one of them; any exception is a failure
"""

import base64
import hashlib
import http.client
import json
import random
import socket
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

TIMEOUT = 20


def payload(n):
    return random.Random(n).randbytes(n)


def sha256(b):
    return hashlib.sha256(b).hexdigest()


def connect(url):
    return http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=TIMEOUT)


def equal(got, want):
    assert got == want, f"got {str(got)[:2000]!r}, want {str(want)[:2000]!r}"


def exchange(conn, method, path, **options):
    conn.request(method, path, **options)
    response = conn.getresponse()
    return response, response.read()


# http.client and urllib


def case_get(url):
    response, body = exchange(connect(url), "GET", "/")
    equal(response.status, 200)
    equal(response.version, 11)
    equal(int(response.headers["Content-Length"]), len(body))


def case_urllib_get(url):
    with urllib.request.urlopen(url + "/dump?a=b", timeout=TIMEOUT) as response:
        d = json.load(response)
    equal(d["method"], "GET")
    equal(d["target"], "/dump?a=b")
    # urllib asks for the end of the connection with each request.
    assert ("Connection", "close") in [(f["name"], f["value"]) for f in d["fields"]], d["fields"]


def case_urllib_post(url):
    form = urllib.parse.urlencode({"name": "ü", "q": "1 2"}).encode()
    with urllib.request.urlopen(url + "/dump", data=form, timeout=TIMEOUT) as response:
        d = json.load(response)
    equal(d["method"], "POST")
    equal(base64.b64decode(d["body"]["base64"]), form)


def case_urllib_errors(url):
    for path, status in [("/no/such/path", 404), ("/dump?n=" + "a" * 9000, 414)]:
        try:
            urllib.request.urlopen(url + path, timeout=TIMEOUT)
            raise AssertionError(f"no error where {status} was expected")
        except urllib.error.HTTPError as e:
            equal(e.code, status)
            assert e.read(), path


def case_post_length(url):
    conn = connect(url)
    for n in (0, 1, 4095, 4096, 4097, 65536, 3 << 20):
        body = payload(n)
        response, answer = exchange(conn, "POST", "/upload", body=body)
        equal(response.status, 200)
        equal(json.loads(answer), {"size": n, "sha256": sha256(body)})
    # /echo answers while it reads, and http.client reads only once it has sent: what is on its way must fit in the
    # buffers of the two sockets.
    body = payload(64 << 10)
    equal(exchange(conn, "POST", "/echo", body=body)[1], body)


def case_post_chunked(url):
    conn = connect(url)
    for piece, pieces in [(1, 100), (1000, 1000), (70000, 100)]:
        body = payload(piece * pieces)

        def generate():
            for i in range(0, len(body), piece):
                yield body[i : i + piece]

        response, answer = exchange(conn, "POST", "/upload", body=generate(), encode_chunked=True)
        equal(response.status, 200)
        equal(json.loads(answer), {"size": len(body), "sha256": sha256(body)})
    response, answer = exchange(conn, "PUT", "/dump", body=iter([b"one", b"two"]), encode_chunked=True)
    d = json.loads(answer)
    equal(d["framing"]["kind"].lower(), "chunked")
    equal(base64.b64decode(d["body"]["base64"]), b"onetwo")
    response, answer = exchange(conn, "POST", "/echo", body=iter([b"x" * 10] * 1000), encode_chunked=True)
    equal(answer, b"x" * 10000)


# Many small chunks are honest: sixteen octets of framing are allowed for each before any is counted.
def case_post_small_chunks(url):
    body = payload(30000)
    pieces = (body[i : i + 1] for i in range(len(body)))
    response, answer = exchange(connect(url), "POST", "/upload", body=pieces, encode_chunked=True)
    equal(response.status, 200)
    equal(json.loads(answer), {"size": len(body), "sha256": sha256(body)})


def case_keep_alive_50(url):
    conn = connect(url)
    conn.connect()
    sock = conn.sock
    for i in range(50):
        if i % 5 == 4:
            response, body = exchange(conn, "GET", "/no/such/path")
            equal(response.status, 404)
        elif i % 2:
            response, body = exchange(conn, "POST", f"/dump?{i}", body=payload(i * 100))
            equal(json.loads(body)["target"], f"/dump?{i}")
            equal(base64.b64decode(json.loads(body)["body"]["base64"]), payload(i * 100))
        else:
            response, body = exchange(conn, "GET", "/")
            equal(response.status, 200)
        assert conn.sock is sock, f"connection closed by the server after request {i}"
        assert response.headers["Connection"] is None, response.headers


def case_head(url):
    conn = connect(url)
    conn.connect()
    sock = conn.sock
    length = None
    for method in ("GET", "HEAD", "HEAD", "GET"):
        response, body = exchange(conn, method, "/no/such/path")
        equal(response.status, 404)
        equal(len(body), 0 if method == "HEAD" else int(response.headers["Content-Length"]))
        equal(response.headers["Content-Length"], length or response.headers["Content-Length"])
        length = response.headers["Content-Length"]
        assert conn.sock is sock, method


def case_stream(url):
    conn = connect(url)
    conn.connect()
    sock = conn.sock
    want = b"".join(b"chunk %d of 200\n" % (i + 1) for i in range(200))
    for read in (lambda r: r.read(), lambda r: b"".join(iter(lambda: r.read(7), b"")), lambda r: b"".join(r)):
        conn.request("GET", "/stream?n=200")
        response = conn.getresponse()
        equal(response.headers["Transfer-Encoding"], "chunked")
        equal(response.headers["Content-Length"], None)
        equal(read(response), want)
        assert conn.sock is sock


def case_stream_in_time(url):
    conn = connect(url)
    conn.request("GET", "/stream?n=5&delay=100ms")
    response = conn.getresponse()
    times = []
    while response.readline():
        times.append(time.monotonic())
    equal(len(times), 5)
    assert times[-1] - times[0] > 0.2, "the chunks came together"


def case_expect(url):
    conn = connect(url)
    response, body = exchange(conn, "POST", "/dump", body=b"hello", headers={"Expect": "100-continue"})
    equal(response.status, 200)  # http.client skips the 100
    equal(base64.b64decode(json.loads(body)["body"]["base64"]), b"hello")


def case_many_connections(url):
    failures = []

    def client(seed):
        try:
            conn = connect(url)
            for i in range(20):
                body = payload(seed * 1000 + i)
                response, answer = exchange(conn, "POST", "/upload", body=body)
                equal(json.loads(answer)["sha256"], sha256(body))
            conn.close()
        except Exception as e:
            failures.append(repr(e))

    threads = [threading.Thread(target=client, args=(i,)) for i in range(50)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    equal(failures, [])


# Sockets


def dial(url):
    at = urllib.parse.urlsplit(url)
    sock = socket.create_connection((at.hostname, at.port), timeout=TIMEOUT)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


class Answers:
    """Reads the responses of one connection, one after another."""

    def __init__(self, sock):
        self.file = sock.makefile("rb")

    def read(self):
        # HTTPResponse reads from what makefile returns and closes it at the end of a message.
        outer = self

        class NotClosing:
            def __getattr__(self, name):
                return getattr(outer.file, name)

            def close(self):
                pass

        class Socket:
            def makefile(self, mode):
                return NotClosing()

        response = http.client.HTTPResponse(Socket())
        response.begin()
        return response, response.read()

    def at_end(self):
        return self.file.read(1) == b""


def pipeline():
    """Twenty requests of all framings, and what /dump must say of each: target and body."""
    requests, want = [], []
    for i in range(20):
        body = b"" if i % 3 == 0 else payload(i * 7)
        head = f"{'GET' if i % 3 == 0 else 'POST'} /dump?{i} HTTP/1.1\r\nHost: pipeline.test\r\n".encode()
        if i % 3 == 1:
            message = head + b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
        elif i % 3 == 2:
            cut = len(body) // 2
            message = head + b"Transfer-Encoding: chunked\r\n\r\n"
            for piece in (body[:cut], body[cut:]):
                message += b"%x;a=b\r\n%s\r\n" % (len(piece), piece)
            message += b"0\r\nX-Trailer: %d\r\n\r\n" % i
        else:
            message = head + b"\r\n"
        requests.append(message)
        want.append((f"/dump?{i}", body))
    return b"".join(requests), want


def check_pipeline(sock, want):
    answers = Answers(sock)
    for target, body in want:
        response, answer = answers.read()
        equal(response.status, 200)
        d = json.loads(answer)
        equal(d["target"], target)
        equal(base64.b64decode(d["body"]["base64"]), body)
    return answers


def case_pipeline_one_send(url):
    octets, want = pipeline()
    with dial(url) as sock:
        sock.sendall(octets)
        check_pipeline(sock, want)


def case_pipeline_octet_by_octet(url):
    octets, want = pipeline()
    with dial(url) as sock:
        for i in range(len(octets)):
            sock.sendall(octets[i : i + 1])
        check_pipeline(sock, want)


def case_pipeline_cut_anywhere(url):
    octets, want = pipeline()
    r = random.Random(1)
    for _ in range(10):
        cuts = sorted(r.sample(range(1, len(octets)), 8))
        with dial(url) as sock:
            for a, b in zip([0] + cuts, cuts + [len(octets)]):
                sock.sendall(octets[a:b])
                time.sleep(0.002)
            check_pipeline(sock, want)


def case_pipeline_then_close(url):
    octets, want = pipeline()
    last = b"GET /dump?last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    with dial(url) as sock:
        sock.sendall(octets + last + b"GET /dump?never HTTP/1.1\r\nHost: a\r\n\r\n")
        answers = check_pipeline(sock, want + [("/dump?last", b"")])
        assert answers.at_end()


def case_pipeline_then_bad(url):
    octets, want = pipeline()
    with dial(url) as sock:
        sock.sendall(octets + b"GET /dump HTTP/1.1\r\nHost : a\r\n\r\n" + b"x" * 1000)
        answers = check_pipeline(sock, want)
        response, answer = answers.read()
        equal(response.status, 400)
        equal(response.headers["Connection"], "close")
        assert answers.at_end()


# A client that sends its request and then the end of its side is still answered (§9.6).
def case_half_close(url):
    for request, status in [
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", 200),
        (b"POST /dump HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", 200),
        (b"POST /upload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 200),
        (b"GET /no/such/path HTTP/1.1\r\nHost: a\r\n\r\n", 404),
        (b"GET / HTTP/1.0\r\n\r\n", 200),
    ]:
        for delay in (0, 0.05):  # with the request, and after it
            with dial(url) as sock:
                sock.sendall(request)
                time.sleep(delay)
                sock.shutdown(socket.SHUT_WR)
                answers = Answers(sock)
                response, body = answers.read()
                equal(response.status, status)
                assert body
                assert answers.at_end()


def case_half_close_pipeline(url):
    octets, want = pipeline()
    with dial(url) as sock:
        sock.sendall(octets)
        sock.shutdown(socket.SHUT_WR)
        answers = check_pipeline(sock, want)
        assert answers.at_end()


# A request that is cut off is not taken for a whole one, and the connection ends.
def case_cut_off(url):
    for request in [
        b"GET / HTT",
        b"GET / HTTP/1.1\r\nHost: a\r\n",
        b"POST /dump HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhell",
        b"POST /dump HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n",
    ]:
        with dial(url) as sock:
            sock.sendall(request)
            sock.shutdown(socket.SHUT_WR)
            answer = sock.makefile("rb").read()
            assert not answer.startswith(b"HTTP/1.1 200"), (request, answer)


# Connections that end in the middle do no harm to the others.
def case_rude_clients(url):
    octets, want = pipeline()
    for i in range(0, len(octets), 97):
        with dial(url) as sock:
            sock.sendall(octets[:i])
            if i % 2:  # a reset instead of an end
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
    case_get(url)


CASES = {name[len("case_") :]: f for name, f in globals().items() if name.startswith("case_")}

if len(sys.argv) == 1:
    print("\n".join(CASES))
else:
    CASES[sys.argv[1]](sys.argv[2])
