#!/usr/bin/env python3
"""Random HTTP Requests, held against the real JMeter.

    random_http.py SEED [COUNT] > plan.jmx     a plan of COUNT (default 60) HTTP Requests
    conform.py diff --runner CMD plan.jmx      runs it in both: rows and requests on the wire

The same seed gives the same plan. What comes out is what users write and what they should not: methods, paths with
queries, arguments with every kind of character, raw bodies, headers, files, redirects, cookies, authorization,
embedded resources, encodings. A request that differs is cut down by hand and becomes a case.
"""
import random, sys
from xml.sax.saxutils import escape

R = random.Random(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
COUNT = int(sys.argv[2]) if len(sys.argv) > 2 else 60

WORDS = ["a", "b c", "1", "", "é", "€", "\U0001f600", "a&b", "a=b", "%41", "%2", "%zz", "+", "a+b", "?", "#", "/", "\\", "\"", "'", "<x>", ";", ":", "@", "~", "*", "-", "_",
         "[", "]", "{", "}", "|", "^", "`", "!", "$", "$1", ",", "(", ")", "\t", "a\nb", " a ", "%E9", "%C3%A9", "日本", "null", "0", "x" * 70]
SEGMENTS = ["echo", "echo/a", "echo/a b", "echo/é", "echo/%41", "echo/%2F", "echo//x", "echo/./a", "echo/../echo", "echo/a;p=1", "echo/+", "echo/~", "echo/a:b", "echo/@", "echo/!$'()*,",
            "status/404", "status/500", "status/204", "status/304", "bytes/100", "chunked/3", "no-length", "connection-close", "redirect/2", "redirect/3?code=301", "redirect/1?code=307",
            "redirect/1?code=308", "redirect/1?code=303", "redirect-bare", "redirect-to?url=/echo%3Fx%3Da+b", "redirect-to?url=//", "redirect-to?url=?q", "redirect-to?url=%23f", "cookie/set?k=v", "cookie/get",
            "cookie-redirect?k=w&to=/cookie/get", "auth/basic/u/p", "auth/digest/u/p", "gzip", "deflate", "brotli", "charset/ISO-8859-1", "charset/UTF-16", "meta/ISO-8859-1", "binary", "json", "xml",
            "page", "html/form", "css/root.css", "cache/etag/1", "cache/lastmod", "cache/maxage/60", "upload", "raw?body=x&status=201", "raw?status=400&reason=", "garbage", "truncate", "close", "reset", "header?X-A=b&Content-Type=",
            "header?Content-Encoding=gzip", "session/k=v", "counter/c"]
METHODS = ["GET"] * 6 + ["POST"] * 6 + ["PUT", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "REPORT", "SEARCH", "LOCK", "CUSTOM"]
HEADERS = [("X-A", "b"), ("Accept", "*/*"), ("Content-Type", "application/json"), ("Content-Type", "text/plain; charset=ISO-8859-1"), ("content-type", "application/x-www-form-urlencoded"), ("User-Agent", "me"), ("Accept-Encoding", "gzip"),
           ("Connection", "close"), ("Connection", "keep-alive"), ("Host", "other.example"), ("Cookie", "own=1"), ("Authorization", "Basic eA=="), ("X-Empty", ""), ("X-Ü", "ü"), ("Content-Length", "3"), ("Expect", "100-continue"), ("Referer", "http://x/")]
OUT = []


def text(name, value): return f'<stringProp name="{name}">{escape(value).replace(chr(10), "&#xa;").replace(chr(9), "&#x9;")}</stringProp>'
def flag(name, value): return f'<boolProp name="{name}">{"true" if value else "false"}</boolProp>'
def chance(n): return R.random() < n
def word(): return R.choice(WORDS) if chance(0.7) else R.choice(WORDS) + R.choice(WORDS)


def argument(raw):
    name, value = "" if raw else word(), word()
    return (f'<elementProp name="" elementType="HTTPArgument">{flag("HTTPArgument.always_encode", chance(0.5) and not raw)}{text("Argument.name", name)}{text("Argument.value", value)}'
            f'{text("Argument.metadata", "=")}{flag("HTTPArgument.use_equals", chance(0.8))}{text("HTTPArgument.content_type", R.choice(["text/plain", "text/plain", "application/json", ""]))}</elementProp>')


def file():
    return (f'<elementProp name="" elementType="HTTPFileArg">{text("File.path", "data.bin" if chance(0.9) else "absent.bin")}{text("File.paramname", R.choice(["f", "f", "", "a b", "é"]))}'
            f'{text("File.mimetype", R.choice(["text/plain", "application/octet-stream", "", "image/png"]))}</elementProp>')


def request(number):
    method, path = R.choice(METHODS), "/" + R.choice(SEGMENTS)
    if chance(0.25): path += ("&" if "?" in path else "?") + "&".join(R.choice(WORDS).strip() + R.choice(["=", "", "=="]) + R.choice(WORDS).strip() for _ in range(R.randint(1, 3))).replace("\n", "").replace("\t", "")
    if chance(0.05): path = path[1:]
    if chance(0.05): path = "http://${__P(host)}:${__P(port)}" + path
    raw = method not in ("GET", "HEAD") and chance(0.3)
    arguments = "".join(argument(raw) for _ in range(R.choice([0, 0, 1, 1, 2, 3])))
    files = "".join(file() for _ in range(R.choice([1, 1, 2]))) if method in ("POST", "PUT", "PATCH", "GET") and chance(0.15) else ""
    follow = R.choice(["follow", "follow", "auto", "none"])
    props = [
        text("HTTPSampler.domain", "${__P(host)}"), text("HTTPSampler.port", "${__P(port)}"), text("HTTPSampler.protocol", R.choice(["http", "http", "", "HTTP"])),
        text("HTTPSampler.contentEncoding", R.choice(["", "", "", "UTF-8", "ISO-8859-1", "UTF-16", "utf8", "bad-charset"] if chance(0.5) else [""])),
        text("HTTPSampler.path", path), text("HTTPSampler.method", method), flag("HTTPSampler.follow_redirects", follow == "follow"), flag("HTTPSampler.auto_redirects", follow == "auto"),
        flag("HTTPSampler.use_keepalive", chance(0.85)), flag("HTTPSampler.DO_MULTIPART_POST", chance(0.15)), flag("HTTPSampler.BROWSER_COMPATIBLE_MULTIPART", chance(0.2)),
        flag("HTTPSampler.image_parser", chance(0.15)), flag("HTTPSampler.md5", chance(0.08)), flag("HTTPSampler.postBodyRaw", raw),
        f'<elementProp name="HTTPsampler.Arguments" elementType="Arguments"><collectionProp name="Arguments.arguments">{arguments}</collectionProp></elementProp>']
    if files: props.append(f'<elementProp name="HTTPsampler.Files" elementType="HTTPFileArgs"><collectionProp name="HTTPFileArgs.files">{files}</collectionProp></elementProp>')
    below = ""
    if chance(0.35):
        entries = "".join(f'<elementProp name="" elementType="Header">{text("Header.name", n)}{text("Header.value", v)}</elementProp>' for n, v in R.sample(HEADERS, R.randint(1, 3)))
        below += f'<HeaderManager guiclass="HeaderPanel" testclass="HeaderManager" testname="h"><collectionProp name="HeaderManager.headers">{entries}</collectionProp></HeaderManager><hashTree/>'
    OUT.append(f'<HTTPSamplerProxy guiclass="HttpTestSampleGui" testclass="HTTPSamplerProxy" testname="{number}">{"".join(props)}</HTTPSamplerProxy><hashTree>{below}</hashTree>\n')


def manager(kind, gui, body): OUT.append(f'<{kind} guiclass="{gui}" testclass="{kind}" testname="m">{body}</{kind}><hashTree/>\n')


if chance(0.7): manager("CookieManager", "CookiePanel", flag("CookieManager.clearEachIteration", chance(0.5)) + text("CookieManager.policy", R.choice(["standard", "default", "netscape", "standard-strict"])))
if chance(0.4): manager("CacheManager", "CacheManagerGui", flag("useExpires", chance(0.5)) + flag("clearEachIteration", chance(0.3)))
if chance(0.5): manager("AuthManager", "AuthPanel", '<collectionProp name="AuthManager.auth_list"><elementProp name="" elementType="Authorization">'
                        + text("Authorization.url", "http://${__P(host)}:${__P(port)}/auth/") + text("Authorization.username", "u") + text("Authorization.password", "p") + text("Authorization.mechanism", R.choice(["BASIC", "DIGEST", "BASIC_DIGEST"])) + "</elementProp></collectionProp>")
for number in range(COUNT): request(number)
sys.stdout.reconfigure(encoding="utf-8")
print(f'''<?xml version="1.0" encoding="UTF-8"?>
<jmeterTestPlan version="1.2" properties="5.0" jmeter="5.6.2"><hashTree><TestPlan guiclass="TestPlanGui" testclass="TestPlan" testname="random"/><hashTree>
<ThreadGroup guiclass="ThreadGroupGui" testclass="ThreadGroup" testname="g"><elementProp name="ThreadGroup.main_controller" elementType="LoopController"><boolProp name="LoopController.continue_forever">false</boolProp>
<stringProp name="LoopController.loops">2</stringProp></elementProp><stringProp name="ThreadGroup.num_threads">1</stringProp><stringProp name="ThreadGroup.ramp_time">0</stringProp></ThreadGroup><hashTree>
{"".join(OUT)}</hashTree></hashTree></hashTree></jmeterTestPlan>''')
