#!/usr/bin/env python3
"""Side by side in one run: this program, Apache JMeter, wrk and oha, on the same server.

    benches/peers.py load    [--users 50] [--seconds 10] [--against jmeter,wrk,oha] [--rounds 3]
    benches/peers.py plan    [--users 50] [--seconds 20] [--against jmeter]   a realistic plan
    benches/peers.py users   [--users 10000] [--against jmeter]               memory with users that mostly wait
    benches/peers.py startup [--against jmeter]                               one sample, start to finish
    benches/peers.py pace    [--rate 500]                                     how exactly a rate is kept

What counts is the ratio within one run, above all CPU time per sample: throughput moves with the machine and with what
else runs on it, CPU time per sample much less so. `--runner` names the program (target/release/rotameter), $JMETER
JMeter's start script (apache-jmeter-5.6.3/bin/jmeter). The server is nginx with one worker. A peer that is not installed
is left out, with a word. Nothing leaves the loopback interface.
"""
import argparse
import json
import os
import re
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HOME = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

NGINX = """
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 60000; }}
http {{
  access_log off; keepalive_requests 1000000000;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{
    listen 127.0.0.1:{port} backlog=8192; default_type application/json;
    location / {{ return 200 '{{"id":"a1b2c3","name":"Agent script","version":17,"status":"published"}}'; }}
    # No word of a configuration may be longer than 4 KB.
    set $begin '{order[0]}'; set $end '{order[1]}';
    location /orders/ {{ add_header Set-Cookie "session=s1; Path=/"; return 200 $begin$end; }}
  }}
}}
"""

# A JSON answer of 4 KB.
ORDER = json.dumps({
    "id": "order-4711", "token": "t0k3n", "status": "open",
    "items": [{"sku": f"sku-{i:04}", "name": f"Item number {i}", "count": i % 7, "price": f"{i}.99"} for i in range(55)],
})


def text_prop(name, value):
    return f'<stringProp name="{name}">{value}</stringProp>'


def plan(users, seconds, ramp, loops, body):
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<jmeterTestPlan version="1.2" properties="5.0" jmeter="5.6.3"><hashTree>
<TestPlan guiclass="TestPlanGui" testclass="TestPlan" testname="Bench" enabled="true">
  <elementProp name="TestPlan.user_defined_variables" elementType="Arguments"><collectionProp name="Arguments.arguments"/></elementProp>
</TestPlan><hashTree>
<ThreadGroup guiclass="ThreadGroupGui" testclass="ThreadGroup" testname="Users" enabled="true">
  {text_prop("ThreadGroup.on_sample_error", "continue")}
  <elementProp name="ThreadGroup.main_controller" elementType="LoopController">
    <boolProp name="LoopController.continue_forever">false</boolProp><intProp name="LoopController.loops">{loops}</intProp></elementProp>
  {text_prop("ThreadGroup.num_threads", users)}{text_prop("ThreadGroup.ramp_time", ramp)}
  <boolProp name="ThreadGroup.scheduler">{"true" if seconds else "false"}</boolProp>
  {text_prop("ThreadGroup.duration", seconds or "")}{text_prop("ThreadGroup.delay", "")}
  <boolProp name="ThreadGroup.same_user_on_next_iteration">true</boolProp>
</ThreadGroup><hashTree>{body}</hashTree></hashTree></hashTree></jmeterTestPlan>
"""


def request(port, name="GET script", path="/api/v2/scripts/1", method="GET", body=None, inside=""):
    arguments = '<elementProp name="HTTPsampler.Arguments" elementType="Arguments"><collectionProp name="Arguments.arguments"/></elementProp>'
    if body is not None:
        arguments = (
            '<boolProp name="HTTPSampler.postBodyRaw">true</boolProp>'
            '<elementProp name="HTTPsampler.Arguments" elementType="Arguments"><collectionProp name="Arguments.arguments">'
            '<elementProp name="" elementType="HTTPArgument"><boolProp name="HTTPArgument.always_encode">false</boolProp>'
            f'{text_prop("Argument.value", body)}{text_prop("Argument.metadata", "=")}</elementProp></collectionProp></elementProp>'
        )
    return (
        f'<HTTPSamplerProxy guiclass="HttpTestSampleGui" testclass="HTTPSamplerProxy" testname="{name}" enabled="true">{arguments}'
        f'{text_prop("HTTPSampler.domain", "127.0.0.1")}{text_prop("HTTPSampler.port", port)}{text_prop("HTTPSampler.protocol", "http")}'
        f'{text_prop("HTTPSampler.path", path)}{text_prop("HTTPSampler.method", method)}'
        '<boolProp name="HTTPSampler.follow_redirects">true</boolProp><boolProp name="HTTPSampler.use_keepalive">true</boolProp>'
        f'</HTTPSamplerProxy><hashTree>{inside}</hashTree>'
    )


def constant_timer(millis):
    return (
        '<ConstantTimer guiclass="ConstantTimerGui" testclass="ConstantTimer" testname="think" enabled="true">'
        f'{text_prop("ConstantTimer.delay", millis)}</ConstantTimer><hashTree/>'
    )


def constant_throughput(rate):
    return (
        '<ConstantThroughputTimer guiclass="TestBeanGUI" testclass="ConstantThroughputTimer" testname="pace" enabled="true">'
        f'<intProp name="calcMode">2</intProp><doubleProp><name>throughput</name><value>{rate * 60}</value>'
        '<savedValue>0.0</savedValue></doubleProp></ConstantThroughputTimer><hashTree/>'
    )


def precise_throughput(rate, seconds):
    return (
        '<PreciseThroughputTimer guiclass="TestBeanGUI" testclass="PreciseThroughputTimer" testname="pace" enabled="true">'
        f'<doubleProp><name>throughput</name><value>{rate}</value><savedValue>0.0</savedValue></doubleProp>'
        f'<intProp name="throughputPeriod">1</intProp><longProp name="duration">{seconds}</longProp>'
        '<intProp name="batchSize">1</intProp><intProp name="batchThreadDelay">0</intProp>'
        '<longProp name="randomSeed">7</longProp></PreciseThroughputTimer><hashTree/>'
    )


GROOVY = """def items = []
for (i in 0..9) {
    items &lt;&lt; [sku: 'sku-' + i, count: i % 3]
}
def total = items.sum { it.count }
vars.put('total', String.valueOf(total))
vars.put('reference', vars.get('name') + '-' + vars.get('id'))
if (total > 100) {
    log.warn('too many: ' + total)
}
prev.setSampleLabel('order')"""


def realistic(port, folder):
    """CSV data, a header and a cookie manager, a transaction, `${}` in path and body, two extractors, an assertion, a script."""
    names = os.path.join(folder, "names.csv")
    with open(names, "w") as file:
        file.writelines(f"user{i},{1000 + i}\n" for i in range(1000))
    header = lambda name, value: f'<elementProp name="" elementType="Header">{text_prop("Header.name", name)}{text_prop("Header.value", value)}</elementProp>'
    inside = (
        '<JSONPostProcessor guiclass="JSONPostProcessorGui" testclass="JSONPostProcessor" testname="id" enabled="true">'
        f'{text_prop("JSONPostProcessor.referenceNames", "id")}{text_prop("JSONPostProcessor.jsonPathExprs", "$.id")}'
        f'{text_prop("JSONPostProcessor.match_numbers", "1")}</JSONPostProcessor><hashTree/>'
        '<RegexExtractor guiclass="RegexExtractorGui" testclass="RegexExtractor" testname="token" enabled="true">'
        f'{text_prop("RegexExtractor.useHeaders", "false")}{text_prop("RegexExtractor.refname", "token")}'
        f'{text_prop("RegexExtractor.regex", "&quot;token&quot;: &quot;([^&quot;]+)")}{text_prop("RegexExtractor.template", "$1$")}'
        f'{text_prop("RegexExtractor.match_number", "1")}</RegexExtractor><hashTree/>'
        '<ResponseAssertion guiclass="AssertionGui" testclass="ResponseAssertion" testname="is open" enabled="true">'
        '<collectionProp name="Asserion.test_strings"><stringProp name="1">"status": "open"</stringProp></collectionProp>'
        f'{text_prop("Assertion.test_field", "Assertion.response_data")}<intProp name="Assertion.test_type">16</intProp></ResponseAssertion><hashTree/>'
        '<JSR223PostProcessor guiclass="TestBeanGUI" testclass="JSR223PostProcessor" testname="script" enabled="true">'
        f'{text_prop("scriptLanguage", "groovy")}{text_prop("cacheKey", "true")}{text_prop("script", GROOVY)}</JSR223PostProcessor><hashTree/>'
    )
    body = "{&quot;name&quot;:&quot;${name}&quot;,&quot;number&quot;:${number},&quot;token&quot;:&quot;${token}&quot;}"
    # What the first request sends, before an answer has told.
    token = (
        '<elementProp name="token" elementType="Argument">'
        f'{text_prop("Argument.name", "token")}{text_prop("Argument.value", "none")}{text_prop("Argument.metadata", "=")}</elementProp>'
    )
    return (
        '<Arguments guiclass="ArgumentsPanel" testclass="Arguments" testname="variables" enabled="true">'
        f'<collectionProp name="Arguments.arguments">{token}</collectionProp></Arguments><hashTree/>'
        '<CSVDataSet guiclass="TestBeanGUI" testclass="CSVDataSet" testname="names" enabled="true">'
        f'{text_prop("filename", names)}{text_prop("variableNames", "name,number")}{text_prop("delimiter", ",")}'
        f'<boolProp name="recycle">true</boolProp>{text_prop("shareMode", "shareMode.all")}</CSVDataSet><hashTree/>'
        '<HeaderManager guiclass="HeaderPanel" testclass="HeaderManager" testname="headers" enabled="true"><collectionProp name="HeaderManager.headers">'
        f'{header("Content-Type", "application/json")}{header("Accept", "application/json")}{header("X-User", "${name}")}</collectionProp></HeaderManager><hashTree/>'
        '<CookieManager guiclass="CookiePanel" testclass="CookieManager" testname="cookies" enabled="true"><collectionProp name="CookieManager.cookies"/>'
        '<boolProp name="CookieManager.clearEachIteration">false</boolProp></CookieManager><hashTree/>'
        '<TransactionController guiclass="TransactionControllerGui" testclass="TransactionController" testname="checkout" enabled="true">'
        '<boolProp name="TransactionController.includeTimers">false</boolProp><boolProp name="TransactionController.parent">false</boolProp></TransactionController><hashTree>'
        f'{request(port, "POST order", "/orders/${number}?token=${token}", "POST", body, inside)}</hashTree>'
    )


def timed(command, folder, limit=600):
    """One process and its children: wall and CPU seconds, peak MB, what it printed, its exit status."""
    with tempfile.TemporaryFile() as output:
        begin = time.monotonic()
        process = subprocess.Popen(
            ["timeout", str(limit), *command], cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.monotonic() - begin
        output.seek(0)
        printed = output.read().decode("utf-8", "replace")
    return {
        "wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "user": usage.ru_utime, "mb": usage.ru_maxrss / 1024,
        "printed": printed, "status": process.returncode,
    }


class Bench:
    def __init__(self, options):
        self.options = options
        self.folder = tempfile.mkdtemp(prefix="peers-")
        program, *words = shlex.split(options.runner)
        # Runs have a folder of their own.
        self.runners = {"rotameter": [os.path.abspath(program) if os.path.exists(program) else program, *words]}
        self.peers = [peer for peer in options.against.split(",") if peer]
        if "jmeter" in self.peers:
            if os.environ.get("JMETER"):
                os.environ.setdefault("JVM_ARGS", "-Xms1g -Xmx4g")
                self.runners["jmeter"] = [os.environ["JMETER"]]
            else:
                print("JMeter is left out: $JMETER does not name its start script", file=sys.stderr)
        for tool in ("wrk", "oha"):
            if tool in self.peers and not shutil.which(tool):
                print(f"{tool} is left out: it is not installed", file=sys.stderr)
                self.peers.remove(tool)
        configuration = os.path.join(self.folder, "nginx.conf")
        with open(configuration, "w") as file:
            file.write(NGINX.format(folder=self.folder, port=options.port, order=(ORDER[:2000], ORDER[2000:])))
        self.server = subprocess.Popen(
            ["nginx", "-c", configuration, "-p", self.folder], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(0.7)
        if self.server.poll() is not None:
            raise SystemExit(f"nginx did not start: is it installed, and port {options.port} free?")

    def close(self):
        self.server.terminate()
        self.server.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, command, text):
        """Runs a plan with the full default result file on disk."""
        plan_file, results = (os.path.join(self.folder, name) for name in ("plan.jmx", "out.jtl"))
        with open(plan_file, "w") as file:
            file.write(text)
        if os.path.exists(results):
            os.remove(results)
        run = timed([*command, "-n", "-t", plan_file, "-l", results, "-j", os.path.join(self.folder, "run.log")], self.folder)
        with open(results, "rb") as file:
            run["samples"] = sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b"")) - 1
        if run["status"] or run["samples"] < 1:
            raise SystemExit(f"{command}: status {run['status']}\n{run['printed'][-800:]}")
        run["results"] = results
        return run

    def wrk(self, users, seconds):
        run = timed(["wrk", "-t1", f"-c{users}", f"-d{seconds}s", self.url()], self.folder)
        run["samples"] = int(re.search(r"(\d+) requests in", run["printed"]).group(1))
        return run

    def oha(self, users, seconds):
        command = ["oha", "--no-tui", "--output-format", "json", "-z", f"{seconds}s", "-c", str(users), self.url()]
        run = timed(command, self.folder)
        printed = json.loads(run["printed"][run["printed"].index("{"):])
        run["samples"] = sum(printed["statusCodeDistribution"].values())
        return run

    def url(self):
        return f"http://127.0.0.1:{self.options.port}/api/v2/scripts/1"

    def rounds(self, text, tools=False):
        """Runs everyone in turn, as often as asked."""
        found = {}
        for _ in range(self.options.rounds):
            for name, command in self.runners.items():
                found.setdefault(name, []).append(self.run(command, text))
            for tool in ("wrk", "oha") if tools else ():
                if tool in self.peers:
                    found.setdefault(tool, []).append(getattr(self, tool)(self.options.users, self.options.seconds))
        return found


def show(found, columns):
    """Medians, and how often as much the others need as this program."""
    value = lambda runs, of: statistics.median(of(run) for run in runs)
    print(f"{'':12}" + "".join(f"{title:>18}" for title, _ in columns))
    for name, runs in found.items():
        print(f"{name:12}" + "".join(f"{value(runs, of):18.2f}" for _, of in columns))
    own = found["rotameter"]
    for name, runs in found.items():
        if name != "rotameter":
            ratios = (value(runs, of) / max(1e-9, value(own, of)) for _, of in columns)
            print(f"{'  x of ' + name:12}" + "".join(f"{ratio:18.2f}" for ratio in ratios))


def late(results, rate, seconds):
    """How exactly a rate was kept, from a result file."""
    with open(results) as file:
        starts = sorted(int(line.split(",", 1)[0]) for line in file if line[:1].isdigit())
    span = (starts[-1] - starts[0]) / 1000 or 1
    return f"kept {(len(starts) - 1) / span:.2f}/s over {span:.1f} s ({len(starts)} samples, wanted {rate * seconds:.0f})"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["load", "plan", "users", "startup", "pace"])
    parser.add_argument("--runner", default=os.path.join(HOME, "target/release/rotameter"))
    parser.add_argument("--against", default="jmeter,wrk,oha")
    parser.add_argument("--users", type=int)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rate", type=float, default=500)
    parser.add_argument("--port", type=int, default=18980)
    options = parser.parse_args()
    options.users = options.users or (10_000 if options.what == "users" else 50)
    micros = ("us CPU/sample", lambda run: run["cpu"] / run["samples"] * 1e6)
    in_user = ("of these user", lambda run: run["user"] / run["samples"] * 1e6)
    rate = ("samples/s", lambda run: run["samples"] / run["wall"])
    memory = ("peak MB", lambda run: run["mb"])
    bench = Bench(options)
    try:
        port, users, seconds = options.port, options.users, options.seconds
        if options.what == "load":
            show(bench.rounds(plan(users, seconds, 1, -1, request(port)), tools=True), [micros, in_user, rate, memory])
        elif options.what == "plan":
            show(bench.rounds(plan(users, seconds, 1, -1, realistic(port, bench.folder))), [micros, in_user, rate, memory])
        elif options.what == "users":
            text = plan(users, seconds + 5, 5, -1, constant_timer(1000) + request(port))
            show(bench.rounds(text), [memory, ("KB/user", lambda run: run["mb"] * 1024 / users), ("CPU s", lambda run: run["cpu"])])
        elif options.what == "startup":
            show(bench.rounds(plan(1, 0, 0, 1, request(port))), [("ms", lambda run: run["wall"] * 1e3), ("CPU ms", lambda run: run["cpu"] * 1e3), memory])
        else:
            for name, timer in (("constant", constant_throughput(options.rate)), ("precise", precise_throughput(options.rate, seconds))):
                run = bench.run(bench.runners["rotameter"], plan(users, seconds, 0, -1, timer + request(port)))
                print(f"{name:10} wanted {options.rate:.0f}/s, {late(run['results'], options.rate, seconds)}")
    finally:
        bench.close()


if __name__ == "__main__":
    main()
