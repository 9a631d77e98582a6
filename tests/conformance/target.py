#!/usr/bin/env python3
"""The conformance target: a deterministic HTTP/1.1 server (plain and TLS).

    target.py --port 0 --tls-port 0 --log requests.jsonl --ready ready.json

It answers the same request with the same bytes every time (a fixed Date, no
Server version) and logs each request as one JSON line: the connection it came
on, the request line, the headers in wire order and case, and the body.
State (counters, limiters) lives in one process and starts empty.
Only loopback is bound. `GET /` lists the endpoints.
"""
import argparse, base64, gzip, hashlib, html, json, os, re, shutil, socket, ssl, subprocess, sys, tempfile, threading, time, zlib
from urllib.parse import parse_qsl, unquote, unquote_to_bytes, urlsplit

DATE = "Mon, 01 Jan 2024 00:00:00 GMT"
REASONS = {200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 206: "Partial Content", 301: "Moved Permanently",
           302: "Found", 303: "See Other", 304: "Not Modified", 307: "Temporary Redirect", 308: "Permanent Redirect",
           400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
           408: "Request Timeout", 409: "Conflict", 418: "I'm a teapot", 422: "Unprocessable Entity", 429: "Too Many Requests",
           500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout"}

BOOKS = {"store": {"name": "Corner", "open": True, "rating": 4.5, "tags": ["new", "used", "rare"], "manager": None,
                   "book": [{"id": 1, "title": "Tides", "author": "M. Ward", "price": 8.95, "category": "fiction"},
                            {"id": 2, "title": "Ground \"Truth\"", "author": "L. Okoye", "price": 12.99, "category": "reference", "isbn": "0-11-2"},
                            {"id": 3, "title": "Ébauche", "author": "J. Petit", "price": 22.5, "category": "fiction", "isbn": "0-39-3"},
                            {"id": 4, "title": "Fast Rust", "author": "S. Lind", "price": 30, "category": "reference"}],
                   "bicycle": {"color": "red", "price": 19.95}}, "total": 4, "next": "/json/books?page=2"}
XML = ('<?xml version="1.0" encoding="UTF-8"?>\n<catalog xmlns:x="urn:extra" count="3">\n  <item id="a1" stock="3"><name>Bolt</name><price>0.25</price></item>\n'
       '  <item id="b2" stock="0"><name>Nut &amp; washer</name><price>0.10</price></item>\n  <item id="c3" stock="7"><name>Gear</name><price>4.00</price><x:note>heavy</x:note></item>\n</catalog>\n')
FORM = ('<!DOCTYPE html>\n<html><head><title>Sign in &ndash; Shop</title></head>\n<body>\n<h1 class="head">Sign in</h1>\n<form action="/echo" method="post">\n'
        '<input type="hidden" name="csrf" value="tok-91f3"/>\n<input type="text" name="user" value="guest"/>\n<select name="lang"><option value="en" selected>EN</option><option value="fr">FR</option></select>\n'
        '</form>\n<ul id="links"><li><a href="/echo?page=1">one</a></li><li><a href="/echo?page=2">two</a></li><li><a href="/echo?page=3" data-k="v3">three</a></li></ul>\n</body></html>\n')
PAGE = ('<!DOCTYPE html>\n<html><head><title>Page</title>\n<link rel="stylesheet" href="/static/site.css">\n<script src="/static/app.js"></script>\n</head>\n'
        '<body background="/static/bg.png"><img src="/static/logo.png"><img src="static/rel.png"><img src="/static/logo.png">\n<iframe src="/static/frame.html"></iframe>\n'
        '<input type="image" src="/static/btn.gif"><embed src="/static/clip.swf"><object data="/static/obj.bin"></object>\n<div style="background-image:url(/static/inline.png)">x</div></body></html>\n')
STATIC = {"site.css": ("text/css", "body{background:url(/static/css-bg.png)} .a{color:red}\n"), "app.js": ("application/javascript", "var app=1;\n"),
          "frame.html": ("text/html; charset=UTF-8", "<html><body><img src=\"/static/in-frame.png\"></body></html>\n"), "missing.png": None}

HTML = {"base": '<html><head><base href="/static/deep/"></head><body><img src="a.png"><img src="../b.png"><img src="http://127.0.0.1:1/refused.png"></body></html>\n',
        "broken": '<html><body><img src="/static/ok.png"><img src="/status/404"><img src="/static/ok2.png"></body></html>\n',
        "css": '<html><head><link rel="stylesheet" href="/css/root.css"><link rel="icon" href="/favicon.ico"></head><body style="background:url(/static/body.png)"></body></html>\n',
        "frames": '<html><frameset><frame src="/html/broken"><frame src="/static/frame.html"></frameset></html>\n',
        "many": "<html><body>" + "".join(f'<img src="/static/{c}.png">' for c in "abcdefgh") + "</body></html>\n",
        "odd": "<html><body><IMG SRC='/static/single.png'><img src=/static/bare.png><img src=\"/static/amp.png?a=1&amp;b=2\"><img src=\" /static/space d.png \"><img src=\"data:image/png;base64,AAAA\"><img src=\"\"><script>var s='<img src=\"/static/in-script.png\">';</script><!-- <img src=\"/static/comment.png\"> --><table background=\"/static/table.png\"><tr><td background=\"/static/td.png\">x</td></tr></table><applet code=\"/static/A.class\"></applet><video src=\"/static/v.mp4\" poster=\"/static/p.png\"></video><picture><source srcset=\"/static/s.png\"></picture><bgsound src=\"/static/b.wav\"><div style=\"background:url('/static/styled.png')\">s</div></body></html>\n",
        "sid": '<html><body><a href="/echo;jsessionid=S3SS10N?x=1">in the path</a> <a href="/echo?sid=Q-77&amp;y=2">in the query</a><form><input type="hidden" name="token" value="T0K"></form></body></html>\n',
        "links": '<html><body><a href="/echo?pick=alpha">a</a> <a href="/bytes/10?pick=beta">b</a> <form action="/echo" method="post"><input type="hidden" name="csrf" value="f0rm"><input type="text" name="user" value="ann"></form></body></html>\n'}
RAW = {"http10": b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nold style\n", "http10-length": b"HTTP/1.0 200 Fine\r\nContent-Length: 4\r\n\r\nold\n",
       "bare": b"HTTP/1.1 200\r\nContent-Length: 3\r\n\r\nok\n", "no-type": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nplain",
       "headers": b"HTTP/1.1 200 OK\r\nx-lower: 1\r\nX-UPPER:no space\r\nX-Twice: a\r\nX-Twice: b\r\nX-Empty:\r\nX-Folded: one\r\n two\r\nX-Trail: t  \r\ncontent-length: 3\r\n\r\nhi\n",
       "continue": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n", "odd-code": b"HTTP/1.1 299 Strange But True\r\nContent-Length: 3\r\n\r\nok\n",
       "trailers": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n5;ext=1\r\nhello\r\n0\r\nX-Sum: 9\r\n\r\n"}

class State:
    def __init__(self):
        self.lock = threading.Lock(); self.counters = {}; self.buckets = {}; self.windows = {}; self.conn = 0; self.seq = 0; self.log = None
    def count(self, name):
        with self.lock:
            self.counters[name] = self.counters.get(name, 0) + 1
            return self.counters[name]
    def bucket(self, name, burst, rate):
        now = time.monotonic()
        with self.lock:
            tokens, last = self.buckets.get(name, (float(burst), now))
            tokens = min(float(burst), tokens + (now - last) * rate)
            ok = tokens >= 1
            self.buckets[name] = (tokens - 1 if ok else tokens, now)
            return ok, 0 if ok else (1 - tokens) / rate
    def window(self, name, limit, seconds):
        now = time.time(); start = int(now / seconds) * seconds
        with self.lock:
            s, n = self.windows.get(name, (start, 0))
            if s != start: n = 0
            ok = n < limit
            self.windows[name] = (start, n + 1 if ok else n)
            return ok, start + seconds - now

class Req:
    __slots__ = ("method", "target", "version", "headers", "body", "conn", "tls")
    def get(self, name, default=""):
        return next((v for k, v in self.headers if k.lower() == name.lower()), default)
    @property
    def path(self): return urlsplit(self.target).path
    @property
    def query(self): return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

def reply(status=200, body=b"", ctype="text/plain; charset=UTF-8", headers=(), reason=None, length=True):
    if isinstance(body, str): body = body.encode()
    head = [f"HTTP/1.1 {status} {REASONS.get(status, 'Status') if reason is None else reason}", f"Date: {DATE}"]
    if ctype and status not in (204, 304): head.append(f"Content-Type: {ctype}")
    head += [f"{k}: {v}" for k, v in headers]
    if length and status not in (204, 304): head.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(head) + "\r\n\r\n").encode("latin-1") + (b"" if status in (204, 304) else body)

def as_json(value, status=200, headers=()):
    return reply(status, json.dumps(value, ensure_ascii=False, indent=1) + "\n", "application/json", headers)

CLOSE = object()

def handle(r, st, sock):
    """The whole answer as bytes, or CLOSE to drop the connection."""
    p, q = r.path, r.query
    seg = [unquote(s) for s in p.split("/")[1:]]
    text = r.body.decode("utf-8", "replace")
    if p == "/": return reply(200, __doc__)
    if seg[0] == "echo":
        return as_json({"method": r.method, "path": p, "query": urlsplit(r.target).query, "args": parse_qsl(urlsplit(r.target).query, keep_blank_values=True),
                        "headers": sorted([k.lower(), v] for k, v in r.headers if k.lower() not in ("host", "user-agent")), "body": text})
    if seg[0] == "raw": return reply(int(q.get("status", 200)), r.body or q.get("body", ""), q.get("type", "text/plain; charset=UTF-8"), reason=q.get("reason"))   # the request body comes back as it is
    if seg[0] == "status":
        hs = [("Retry-After", q["retry-after"])] if "retry-after" in q else []
        return reply(int(seg[1]), f"status {seg[1]}\n", headers=hs, reason=q.get("reason"))
    if seg[0] == "delay":
        time.sleep(int(seg[1]) / 1000); return reply(200, f"slept {seg[1]}\n")
    if seg[0] == "slow-body":                       # first byte now, the rest after the delay
        body = b"x" * 64; raw = reply(200, body); sock.sendall(raw[:-32]); time.sleep(int(seg[1]) / 1000); return raw[-32:]
    if seg[0] == "bytes": return reply(200, b"0123456789" * (int(seg[1]) // 10) + b"z" * (int(seg[1]) % 10), "application/octet-stream")
    if seg[0] == "chunked":
        n = int(seg[1]); out = reply(200, b"", headers=[("Transfer-Encoding", "chunked")], length=False)
        for i in range(n): c = f"chunk {i}\n".encode(); out += b"%x\r\n" % len(c) + c + b"\r\n"
        return out + b"0\r\n\r\n"
    if seg[0] == "no-length":                       # body ends with the connection
        sock.sendall(reply(200, b"until close\n", headers=[("Connection", "close")], length=False)); return CLOSE
    if seg[0] == "connection-close": return (reply(200, "bye\n", headers=[("Connection", "close")]), CLOSE)
    if seg[0] == "redirect":
        n = int(seg[1]); code = int(q.get("code", 302)); to = "/redirect/%d?code=%d" % (n - 1, code) if n > 1 else q.get("to", "/echo?landed=1")
        return reply(code, "moving\n", headers=[("Location", to)])
    if seg[0] == "redirect-loop": return reply(302, "loop\n", headers=[("Location", "/redirect-loop")])
    if seg[0] == "redirect-bare": return reply(302, "no location\n")
    if seg[0] == "redirect-to": return reply(int(q.get("code", 302)), "moving\n", headers=[("Location", q["url"])])
    if seg[0] == "cookie":
        if seg[1] == "set":
            attrs = "; ".join(x for x in (f"Path={q['path']}" if "path" in q else "", f"Domain={q['domain']}" if "domain" in q else "", f"Max-Age={q['max-age']}" if "max-age" in q else "",
                                          f"Expires={q['expires']}" if "expires" in q else "", "Secure" if "secure" in q else "", "HttpOnly" if "httponly" in q else "") if x)
            names = [(k, v) for k, v in q.items() if k not in ("path", "domain", "max-age", "expires", "secure", "httponly")]
            return reply(200, "set\n", headers=[("Set-Cookie", f"{k}={v}" + ("; " + attrs if attrs else "")) for k, v in names])
        return reply(200, r.get("Cookie", "(none)") + "\n")
    if seg[0] == "auth":
        kind, user, pw = seg[1:4]; given = r.get("Authorization")
        if kind == "basic":
            if given == "Basic " + base64.b64encode(f"{user}:{pw}".encode()).decode(): return reply(200, f"hello {user}\n")
            return reply(401, "who?\n", headers=[("WWW-Authenticate", 'Basic realm="shop"')])
        if kind == "bearer": return reply(200, "in\n") if given == "Bearer " + pw else reply(401, "who?\n", headers=[("WWW-Authenticate", "Bearer")])
        m = dict(re.findall(r'(\w+)="?([^",]*)"?', given)) if given.startswith("Digest") else {}
        h = lambda s: hashlib.md5(s.encode()).hexdigest()
        if m:
            ha1, ha2 = h(f"{user}:shop:{pw}"), h(f"{r.method}:{m.get('uri')}")
            want = h(f"{ha1}:{m.get('nonce')}:{m.get('nc')}:{m.get('cnonce')}:{m.get('qop')}:{ha2}") if m.get("qop") else h(f"{ha1}:{m.get('nonce')}:{ha2}")
            if want == m.get("response") and m.get("uri") == r.target: return reply(200, f"hello {user}\n")
        return reply(401, "who?\n", headers=[("WWW-Authenticate", 'Digest realm="shop", qop="auth", nonce="n0nce77", opaque="op4que", algorithm=MD5')])
    if seg[0] == "cache":
        if seg[1] == "etag":
            tag = f'"{seg[2]}"'
            return reply(304, headers=[("ETag", tag)]) if r.get("If-None-Match") == tag else reply(200, f"etag {seg[2]}\n", headers=[("ETag", tag)])
        if seg[1] == "lastmod":
            lm = "Sun, 31 Dec 2023 10:00:00 GMT"
            return reply(304, headers=[("Last-Modified", lm)]) if r.get("If-Modified-Since") == lm else reply(200, "lastmod\n", headers=[("Last-Modified", lm)])
        if seg[1] == "maxage": return reply(200, "fresh\n", headers=[("Cache-Control", f"max-age={seg[2]}")])
        return reply(200, "never\n", headers=[("Cache-Control", "no-store")])
    if seg[0] == "json": return as_json(BOOKS)
    if seg[0] == "xml": return reply(200, XML, "application/xml; charset=UTF-8")
    if p == "/html/form": return reply(200, FORM, "text/html; charset=UTF-8")
    if p == "/page": return reply(200, PAGE, "text/html; charset=UTF-8")
    if seg[0] == "static":
        if seg[-1] in STATIC and STATIC[seg[-1]] is None: return reply(404, "gone\n")
        ctype, body = STATIC.get(seg[-1], ("image/png", f"<{seg[-1]}>")); return reply(200, body, ctype)
    if seg[0] == "gzip": return reply(200, gzip.compress(b"zipped content, zipped content\n", mtime=0), headers=[("Content-Encoding", "gzip")])
    if seg[0] == "deflate": return reply(200, zlib.compress(b"deflated content, deflated content\n"), headers=[("Content-Encoding", "deflate")])
    if seg[0] == "charset": return reply(200, "café crème\n".encode(seg[1]), f"text/plain; charset={seg[1]}")
    if seg[0] == "header": return reply(200, "headers\n", headers=list(q.items()))
    if seg[0] == "counter": return reply(200, f"{st.count(seg[1])}\n")
    if seg[0] == "fail-first":                      # /fail-first/NAME/N/CODE?retry-after=S : N failures, then 200
        n = st.count("ff-" + seg[1])
        if n <= int(seg[2]): return reply(int(seg[3]), f"failure {n}\n", headers=[("Retry-After", q["retry-after"])] if "retry-after" in q else [])
        return reply(200, f"success {n}\n")
    if seg[0] == "limit":                           # /limit/bucket/NAME?burst=&rate= · /limit/window/NAME?limit=&seconds=
        ok, wait = st.bucket(seg[2], int(q["burst"]), float(q["rate"])) if seg[1] == "bucket" else st.window(seg[2], int(q["limit"]), float(q["seconds"]))
        if ok: return as_json({"message": "accepted"})
        return as_json({"message": f"Rate limit exceeded for resource: {p}", "status": 429}, 429, [("Retry-After", str(max(1, int(wait + 0.999))))])
    if seg[0] == "upload":
        m = re.search(r"boundary=([^;]+)", r.get("Content-Type"))
        if not m: return as_json({"parts": None, "length": len(r.body), "sha1": hashlib.sha1(r.body).hexdigest()})
        parts = []
        for part in r.body.split(b"--" + m.group(1).strip('"').encode())[1:-1]:
            head, _, content = part.strip(b"\r\n").partition(b"\r\n\r\n")
            parts.append({"head": head.decode("utf-8", "replace").split("\r\n"), "length": len(content), "sha1": hashlib.sha1(content).hexdigest()})
        return as_json({"parts": parts})
    if seg[0] == "cookie-redirect":                 # like /redirect-to, and sets every other query parameter as a cookie
        return reply(int(q.get("code", 302)), "moving\n", headers=[("Set-Cookie", f"{k}={v}; Path=/") for k, v in q.items() if k not in ("code", "to")] + [("Location", q["to"])])
    if seg[0] == "session":                         # /session/COOKIE=VALUE : 200 when the cookie came, else 302 to /html/form
        if seg[1] in r.get("Cookie").split("; "): return reply(200, f"welcome {seg[1]}\n")
        return reply(302, "sign in\n", headers=[("Location", "/html/form")])
    if seg[0] == "html" and len(seg) > 1 and seg[1] in HTML: return reply(200, HTML[seg[1]], "text/html; charset=UTF-8")
    if seg[0] == "css": return reply(200, "@import url('/css/leaf.css');\n.a{background:url(\"img/a.png\")} .b{background-image: url( /img/b.png )}\n" if seg[1] == "root.css" else ".leaf{background:url(../static/leaf.png)}\n", "text/css")
    if seg[0] == "meta": return reply(200, f"<html><head><meta charset=\"{seg[1]}\"></head><body>café crème</body></html>\n".encode(seg[1]), "text/html")
    if seg[0] == "tls":                             # the protocol, and who the client's certificate says it is
        name = dict(pair for part in (sock.getpeercert() or {}).get("subject", ()) for pair in part).get("commonName", "nobody")
        return reply(200, f"{sock.version()} {name}\n")
    if seg[0] == "peer": return reply(200, sock.getpeername()[0] + "\n")
    if seg[0] == "binary": return reply(200, bytes(range(256)), "image/png")
    if seg[0] == "brotli": return reply(200, b"\x0b\x02\x80hello\x03", headers=[("Content-Encoding", "br")])
    if seg[0] == "odd" and seg[1] in RAW: return (RAW[seg[1]], CLOSE) if seg[1].startswith("http10") else RAW[seg[1]]
    if seg[0] == "wire":                            # /wire?b=…&keep=1&pause=MS : these very bytes, in parts at each |PAUSE|
        parts = unquote_to_bytes(urlsplit(r.target).query.split("b=", 1)[1].split("&", 1)[0]).split(b"|PAUSE|")
        for part in parts[:-1]: sock.sendall(part); time.sleep(int(q.get("pause", 100)) / 1000)
        return parts[-1] if "keep" in q else (parts[-1], CLOSE)
    if seg[0] == "stale":                           # answers as if to keep the connection, then ends its half
        sock.sendall(reply(200, "kept?\n")); sock.shutdown(socket.SHUT_WR); time.sleep(1); return CLOSE
    if seg[0] == "close-late": time.sleep(int(seg[1]) / 1000); return (reply(200, "late\n"), CLOSE)
    if seg[0] == "proxy-auth":                      # for a request that came as through a proxy: basic USER/PW
        if r.get("Proxy-Authorization") == "Basic " + base64.b64encode(f"{seg[1]}:{seg[2]}".encode()).decode(): return reply(200, "through\n")
        return reply(407, "proxy who?\n", headers=[("Proxy-Authenticate", 'Basic realm="proxy"')], reason="Proxy Authentication Required")
    if seg[0] == "close": return CLOSE
    if seg[0] == "reset": sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0"); return CLOSE
    if seg[0] == "truncate": sock.sendall(reply(200, b"y" * 100)[:-60]); return CLOSE
    if seg[0] == "garbage": sock.sendall(b"this is not HTTP at all\r\n\r\n"); return CLOSE
    if seg[0] == "hang": time.sleep(float(seg[1]) if len(seg) > 1 else 30); return CLOSE
    return reply(404, f"no endpoint {p}\n")

def read_request(f, sock):
    line = f.readline(65536)
    while line in (b"\r\n", b"\n"): line = f.readline(65536)
    if not line: return None
    r = Req(); r.method, r.target, r.version = (line.decode("latin-1").rstrip("\r\n").split(" ") + ["", ""])[:3]
    r.headers = []
    while True:
        h = f.readline(65536)
        if h in (b"\r\n", b"\n", b""): break
        k, _, v = h.decode("latin-1").rstrip("\r\n").partition(":"); r.headers.append((k, v.strip()))
    if r.get("Expect").lower() == "100-continue": sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    if r.get("Transfer-Encoding").lower() == "chunked":
        r.body = b""
        while True:
            n = int(f.readline(1024).split(b";")[0], 16)
            if n == 0:
                while f.readline(1024) not in (b"\r\n", b""): pass
                break
            r.body += f.read(n); f.readline(16)
    else: r.body = f.read(int(r.get("Content-Length") or 0))
    return r

def tunnel(a, to):                                  # CONNECT: copies both ways, to loopback only
    b = socket.create_connection(("127.0.0.1", int(to.rsplit(":", 1)[1])), 5); a.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
    def pipe(x, y):
        try:
            while d := x.recv(65536): y.sendall(d)
            y.shutdown(socket.SHUT_WR)
        except OSError: pass
    t = threading.Thread(target=pipe, args=(b, a), daemon=True); t.start(); pipe(a, b); t.join()

def serve_conn(sock, st, tls):
    with st.lock: st.conn += 1; conn = st.conn
    try:
        if tls: sock = tls.wrap_socket(sock, server_side=True)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        f = sock.makefile("rb")
        while True:
            r = read_request(f, sock)
            if r is None: break
            r.conn, r.tls = conn, bool(tls)
            with st.lock:
                st.seq += 1
                st.log.write(json.dumps({"seq": st.seq, "conn": conn, "tls": r.tls, "method": r.method, "target": r.target, "version": r.version,
                                         "headers": r.headers, "body": r.body.decode("utf-8", "backslashreplace")}, ensure_ascii=False) + "\n")
                st.log.flush()
            if r.method == "CONNECT": tunnel(sock, r.target); break
            out = handle(r, st, sock); close = False
            if isinstance(out, tuple): out, close = out[0], True
            if out is CLOSE: break
            if r.method == "HEAD": out = out.split(b"\r\n\r\n", 1)[0] + b"\r\n\r\n"
            sock.sendall(out)
            if close or r.get("Connection").lower() == "close" or r.version == "HTTP/1.0": break
    except (OSError, ValueError): pass
    finally:
        try: f.close()
        except Exception: pass
        sock.close()

def listen(port, st, tls=None):
    s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(("127.0.0.1", port)); s.listen(1024)
    def loop():
        while True:
            c, _ = s.accept(); threading.Thread(target=serve_conn, args=(c, st, tls), daemon=True).start()
    threading.Thread(target=loop, daemon=True).start()
    return s.getsockname()[1]

def make_cert(folder):
    """The folder comes into being whole or not at all: several targets may start at once."""
    crt, key = os.path.join(folder, "target.crt"), os.path.join(folder, "target.key")
    if not os.path.exists(crt):
        fresh = tempfile.mkdtemp(prefix="cert-", dir=os.path.dirname(os.path.abspath(folder)))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                        "-keyout", os.path.join(fresh, "target.key"), "-out", os.path.join(fresh, "target.crt")], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try: os.rename(fresh, folder)
        except OSError: shutil.rmtree(fresh)        # another one was first
    return crt, key

def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--port", type=int, default=0); a.add_argument("--tls-port", type=int, default=0)
    a.add_argument("--log", default=os.devnull); a.add_argument("--ready", help="file that gets {port, tls_port} once listening")
    a.add_argument("--cert-dir", default=os.path.join(tempfile.gettempdir(), "conformance-cert"))
    o = a.parse_args()
    st = State(); st.log = open(o.log, "w", encoding="utf-8")
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER); ctx.load_cert_chain(*make_cert(o.cert_dir))
    ctx.verify_mode = ssl.CERT_OPTIONAL; ctx.load_verify_locations(os.path.join(os.path.dirname(os.path.abspath(__file__)), "client-ca.pem"))
    ports = {"port": listen(o.port, st), "tls_port": listen(o.tls_port, st, ctx)}
    if o.ready:
        with open(o.ready + ".tmp", "w") as f: json.dump(ports, f)
        os.replace(o.ready + ".tmp", o.ready)
    print(json.dumps(ports), flush=True)
    threading.Event().wait()

if __name__ == "__main__":
    main()
