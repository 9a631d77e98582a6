#!/usr/bin/env python3
"""Makes the pictures of the documentation: what commands print as SVG, pages as PNG.

    cargo build --release && python3 docs/pictures/make.py [PROGRAM]

Needs Python 3 and, for the pages, Chromium ($CHROMIUM, or on the PATH). All rows are made here, with a fixed seed; the
plan that runs sends nothing over the network, and the demonstration (a minute) nothing beyond the loopback interface.
"""
import html, math, os, pathlib, random, re, shlex, shutil, subprocess, sys, tempfile, textwrap, time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PROGRAM = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "target/release/rotameter").resolve()
HEAD = ("timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,failureMessage,bytes,"
        "sentBytes,grpThreads,allThreads,URL,Latency,IdleTime,Connect\n")
START = 1795488360000


def row(at, elapsed, label, code, message, user, ok):
    return (f"{at},{elapsed},{label},{code},{message},Users 1-{user},text,{str(ok).lower()},,1000,200,10,10,"
            f"http://shop.example/{label},{max(elapsed - 2, 0)},0,0\n")


def shop(seed, factor, failures):
    """Ten users in a shop for two minutes. What one sample takes carries over to the next, as on a real server."""
    source, at, luck, out = random.Random(seed), START, 0.0, [HEAD]
    usual = {"home": 40, "login": 180, "search": 95, "pay": 300}
    for number in range(6000):
        at += source.randint(5, 35)
        luck = 0.7 * luck + 0.7 * source.gauss(0, 1)
        label = list(usual)[number % 4]
        elapsed = int(usual[label] * math.exp(0.4 * luck) * (factor if label == "login" else 1))
        ok = source.random() >= (failures if label == "pay" else 0.002)
        code, message = (200, "OK") if ok else (500, "Server Error")
        out.append(row(at, elapsed, label, code, message, number % 10 + 1, ok))
    return "".join(out)


def limited():
    """A token bucket, 10 a second and a burst of 20, that is asked 20 times a second."""
    source, at, tokens, last, out = random.Random(4), float(START), 20.0, float(START), [HEAD]
    for number in range(1200):
        at += source.expovariate(1 / 50)
        tokens, last = min(20.0, tokens + (at - last) / 100), at
        accepted = tokens >= 1
        tokens -= 1 if accepted else 0
        elapsed = source.randint(20, 40) if accepted else source.randint(2, 4)
        code, message = (200, "OK") if accepted else (429, "Too Many Requests")
        out.append(row(int(at), elapsed, "search", code, message, number % 10 + 1, accepted))
    return "".join(out)


PLAN = """<?xml version="1.0" encoding="UTF-8"?>
<jmeterTestPlan version="1.2" properties="5.0" jmeter="5.6.2"><hashTree>
<TestPlan guiclass="TestPlanGui" testclass="TestPlan" testname="Shop"/><hashTree>
<ThreadGroup guiclass="ThreadGroupGui" testclass="ThreadGroup" testname="Users">
<elementProp name="ThreadGroup.main_controller" elementType="LoopController">
<boolProp name="LoopController.continue_forever">false</boolProp>
<stringProp name="LoopController.loops">20</stringProp></elementProp>
<stringProp name="ThreadGroup.num_threads">20</stringProp><stringProp name="ThreadGroup.ramp_time">2</stringProp>
</ThreadGroup><hashTree>SAMPLERS</hashTree></hashTree></hashTree></jmeterTestPlan>"""
SAMPLER = """<JavaSampler guiclass="JavaTestSamplerGui" testclass="JavaSampler" testname="NAME">
<elementProp name="arguments" elementType="Arguments"><collectionProp name="Arguments.arguments">ARGUMENTS</collectionProp>
</elementProp><stringProp name="classname">org.apache.jmeter.protocol.java.test.JavaTest</stringProp>
</JavaSampler><hashTree/>"""


def plan():
    samplers = ""
    for name, millis, code in [("home", 40, 200), ("login", 180, 200), ("pay", 260, 500)]:
        arguments = ""
        for key, value in [("Sleep_Time", millis), ("Sleep_Mask", "0x3F"), ("Label", name), ("ResponseCode", code),
                           ("ResponseMessage", "OK" if code == 200 else "Server Error"),
                           ("Status", "OK" if code == 200 else "KO")]:
            arguments += (f'<elementProp name="{key}" elementType="Argument"><stringProp name="Argument.name">{key}'
                          f'</stringProp><stringProp name="Argument.value">{value}</stringProp></elementProp>')
        samplers += SAMPLER.replace("NAME", name).replace("ARGUMENTS", arguments)
    return PLAN.replace("SAMPLERS", samplers)


FAILING = """<?xml version="1.0" encoding="UTF-8"?>
<testResults version="1.2">
<httpSample t="312" ts="1795488361250" s="false" lb="pay" rc="500" rm="Server Error" tn="Users 1-7" by="214" ng="10" na="10">
<responseHeader class="java.lang.String">HTTP/1.1 500 Server Error
Content-Type: application/json
Set-Cookie: basket=81c2; Path=/; HttpOnly
X-Request-Id: 5f0c
</responseHeader><requestHeader class="java.lang.String">Connection: keep-alive
Content-Type: application/x-www-form-urlencoded
Authorization: Bearer eyJhbGciOiJIUzI1NiJ9
Host: shop.example
User-Agent: Apache-HttpClient/4.5.14 (Java/17.0.15)
</requestHeader><responseData class="java.lang.String">{"error": "card processor timed out", "after_ms": 300}</responseData>
<cookies class="java.lang.String">sid=02af; basket=81c2</cookies><method class="java.lang.String">POST</method>
<queryString class="java.lang.String">item=17&amp;amount=2&amp;card_token=tok_1</queryString>
<java.net.URL>http://shop.example/pay</java.net.URL></httpSample>
</testResults>
"""


def terminal(name, lines):
    """Text as a picture of a terminal, 120 columns wide at most."""
    lines = [part for line in lines for part in textwrap.wrap(line, 120, drop_whitespace=False, subsequent_indent="    ",
                                                              break_on_hyphens=False) or [""]]
    width, height = 8.4 * max(len(line) for line in lines) + 24, 18 * len(lines) + 20
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" width="{width:.0f}" '
           f'height="{height}"><rect width="100%" height="100%" rx="6" fill="#12161c"/>'
           '<g font-family="ui-monospace,Menlo,Consolas,\'DejaVu Sans Mono\',monospace" font-size="14" fill="#e6eaf0">']
    for number, line in enumerate(lines):
        colour = ' fill="#6db1ff"' if line.startswith("$ ") else ""
        out.append(f'<text x="12" y="{18 * number + 25}" xml:space="preserve"{colour}>{html.escape(line)}</text>')
    (HERE / name).write_text("\n".join(out) + "</g></svg>\n")


def told(folder, line, keep=lambda line: True):
    """What a command prints, with the command on top."""
    done = subprocess.run([PROGRAM, *shlex.split(line)[1:]], cwd=folder, capture_output=True, text=True)
    printed = (done.stdout + done.stderr).replace(str(PROGRAM), "rotameter").rstrip().split("\n")
    status = [f"$ echo $?", str(done.returncode)] if done.returncode else []
    return ["$ " + line, *[text for text in printed if keep(text)], *status]


OPENED = ("<style>section:not(#failures), header, nav, footer { display: none !important }</style>"
          "<script>document.querySelector('details').open = true</script>")


def photograph(address, name, size, dark=False):
    names = [os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome"]
    browser = next((found for found in map(shutil.which, filter(None, names)) if found), None)
    if not browser:
        print(f"there is no Chromium here: {name} stays as it is")
        return
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run([browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-sync",
                        "--disable-background-networking", "--virtual-time-budget=3000", f"--user-data-dir={profile}",
                        *(["--blink-settings=preferredColorScheme=0"] if dark else []),
                        f"--window-size={size}", f"--screenshot={HERE / name}", address],
                       check=True, capture_output=True)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "monday.jtl").write_text(shop(1, 1.0, 0.01))
        (folder / "tuesday.jtl").write_text(shop(2, 1.18, 0.04))
        (folder / "limited.jtl").write_text(limited())
        (folder / "shop.jmx").write_text(plan())
        terminal("run.svg", told(folder, "rotameter -n -t shop.jmx -l shop.jtl --table on",
                                 lambda line: not line.startswith("Waiting for")))
        terminal("compare.svg", told(folder, "rotameter compare monday.jtl tuesday.jtl"))
        terminal("equivalent.svg", told(folder, "rotameter compare --equivalent monday.jtl tuesday.jtl")[:5] + ["…"])
        told(folder, "rotameter compare --baseline history monday.jtl")
        (folder / "tuesday.jtl").write_text(re.sub(r"^1795", "1796", (folder / "tuesday.jtl").read_text(), flags=re.M))
        terminal("baseline.svg", told(folder, "rotameter compare --baseline history tuesday.jtl"))
        terminal("verdict.svg", told(folder, "rotameter verdict tuesday.jtl --fail-if 'p95(\"login\") > 300ms' "
                                             "--fail-if 'errors > 5%'"))
        terminal("limits.svg", told(folder, "rotameter limits limited.jtl"))
        terminal("check.svg", told(folder, "rotameter check shop.jmx"))
        terminal("elements.svg", told(folder, "rotameter elements")[:12] + ["…"])
        terminal("functions.svg", told(folder, "rotameter functions")[:12] + ["…"])
        terminal("demo.svg", told(folder, "rotameter demo"))
        told(folder, "rotameter report tuesday.jtl --against monday.jtl -o both.html")
        photograph(f"file://{folder}/both.html", "report.png", "1000,800")
        photograph(f"file://{folder}/both.html", "report-phone-dark.png", "390,900", dark=True)
        (folder / "failing.jtl").write_text(FAILING)
        told(folder, "rotameter report failing.jtl -o failures.html")
        with (folder / "failures.html").open("a") as page:
            page.write(OPENED)
        photograph(f"file://{folder}/failures.html", "failures.png", "1000,370")
        command = [PROGRAM, "-n", "-t", "shop.jmx", "-l", "live.jtl", "--web", ":0"]
        run = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        address = re.search(r"http://\S+", run.stderr.readline()).group(0)
        time.sleep(5)
        photograph(address, "web.png", "1100,760")
        run.terminate()
        run.wait()


main()
