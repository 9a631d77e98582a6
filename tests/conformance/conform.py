#!/usr/bin/env python3
"""Holds a plan runner against Apache JMeter 5.6.2, sample by sample and byte by byte.

    conform.py run    --runner CMD [--cases DIR] [NAME...]   compare with the recorded answers
    conform.py diff   --runner CMD PLAN.jmx [ARG...]         run a plan in JMeter now and in CMD, and compare
    conform.py record [--cases DIR] [NAME...]                re-record the answers from JMeter

NAME picks the cases whose name contains it; NAME$ picks exactly one.
Runs side by side want --ports ranges of their own.

A case is a folder: plan.jmx, its data files, case.json (all keys optional) and
expected.json, which `record` wrote from a run of the real JMeter. Each run gets
a fresh copy of the folder as its working directory and a fresh target.py, and is
called as

    CMD -n -t plan.jmx -l out.jtl -j run.log -Jhost=… -Jport=… -Jtls_port=… -Jretry_after=off [args of the case]

case.json:
  about       what the case is for
  args        more command-line arguments (list)
  formats     ["csv"], ["xml"] or both (default csv)
  order       "strict" | "per-thread" (default) | "multiset": how rows are matched
  ignore      columns / attributes left out of the comparison
  mask        [[regex, replacement], …] applied to every compared string
  requests    "strict" | "per-thread" | "multiset" | "off": the target's request log
              (default: strict when the run has one thread, multiset otherwise)
  request_ignore  header names left out
  gaps_ms     tolerance, in ms, of the idle time before each sample of a thread (timers)
  starts_ms   tolerance, in ms, of each thread's first sample relative to the first of all (ramp-up)
  elapsed     {label: [min_ms, max_ms]}
  stdout      true: compare the console lines, digits masked; "sorted": in any order; "counts": with the summarisers' totals
  jtl         the file after -l (default out.jtl)
  files       names of files the plan writes, compared as text
  deliberate  {"exit": N, "skip": ["stdout", "requests", "samples"], "why": text}: where JMeter hides a failure
              (exit 0 with nothing run), a runner is expected to do better: N is asked for instead
  timeout     seconds (default 60)
"""
import argparse, collections, csv, difflib, hashlib, io, json, os, re, shlex, shutil, signal, subprocess, sys, tempfile, time
import xml.etree.ElementTree as ET

HERE = os.path.dirname(os.path.abspath(__file__))
def jmeter():
    """$JMETER, or the copy that ./install-jmeter keeps."""
    return os.environ.get("JMETER") or subprocess.run([os.path.join(HERE, "install-jmeter")], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()

VOLATILE = {"timeStamp", "elapsed", "Latency", "IdleTime", "Connect", "t", "it", "lt", "ct", "ts", "Hostname", "hn"}
COUNTS = {"grpThreads", "allThreads", "ng", "na"}
XML_FLAGS = ["output_format=xml", "response_data=true", "samplerData=true", "requestHeaders=true", "responseHeaders=true", "url=true",
             "encoding=true", "sample_count=true", "assertions=true", "assertion_results=all"]

PORTS = range(18181, 18400)

def free_ports():
    """Fixed five-digit ports, so that the bytes of a request are the same in every run."""
    import socket
    out = []
    for p in PORTS:
        s = socket.socket()
        try: s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(("127.0.0.1", p)); out.append(p)
        except OSError: pass
        finally: s.close()
        if len(out) == 2: return out
    raise SystemExit(f"no two free ports in {PORTS.start}..{PORTS.stop - 1}")

def run_case(cmd, folder, case, fmt, keep=None):
    work = tempfile.mkdtemp(prefix="conform-"); target = None
    try:
        plan_dir = os.path.join(work, "w"); shutil.copytree(folder, plan_dir, ignore=shutil.ignore_patterns("expected.json", "case.json"))
        for attempt in range(5):
            port, tls = free_ports(); ready = os.path.join(work, "ready.json")
            target = subprocess.Popen([sys.executable, os.path.join(HERE, "target.py"), "--port", str(port), "--tls-port", str(tls),
                                       "--log", os.path.join(work, "requests.jsonl"), "--ready", ready], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            for _ in range(200):
                if os.path.exists(ready) or target.poll() is not None: break
                time.sleep(0.02)
            if os.path.exists(ready): break
            target.kill(); target.wait()
        else: raise SystemExit("target.py did not start")
        flags = XML_FLAGS if fmt == "xml" else []
        argv = shlex.split(cmd) + ["-n", "-t", case.get("plan", "plan.jmx"), "-l", case.get("jtl", "out.jtl"), "-j", "run.log", "-Jhost=127.0.0.1", f"-Jport={port}", f"-Jtls_port={tls}", "-Jretry_after=off"]
        argv += [f"-Jjmeter.save.saveservice.{f}" for f in flags] + [a.replace("{port}", str(port)) for a in case.get("args", [])]
        start = time.time()
        proc = subprocess.Popen(argv, cwd=plan_dir, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
        try: out, _ = proc.communicate(timeout=case.get("timeout", 60)); code = proc.returncode
        except subprocess.TimeoutExpired:
            os.killpg(proc.pid, signal.SIGKILL); out, _ = proc.communicate(); code = "timeout"
        wall = time.time() - start
        target.kill(); target.wait(); target = None
        read = lambda n: open(os.path.join(plan_dir, n), encoding="utf-8", errors="backslashreplace", newline="").read() if os.path.isfile(os.path.join(plan_dir, n)) else None
        got = {"exit": code, "wall": wall, "port": port, "tls": tls, "stdout": out.decode("utf-8", "replace"), "jtl": read(case.get("jtl", "out.jtl")), "log": read("run.log"),
               "files": {n: read(n) for n in case.get("files", [])}, "work": plan_dir,
               "requests": [json.loads(l) for l in open(os.path.join(work, "requests.jsonl"), encoding="utf-8")]}
        if keep: shutil.copytree(work, keep, dirs_exist_ok=True)
        return got
    finally:
        if target: target.kill()                    # a runner that cannot be started leaves nothing behind
        shutil.rmtree(work, ignore_errors=True)

def scrubber(case, got):
    subs = [(re.escape(os.path.realpath(got["work"])), "$WORK"), (re.escape(got["work"]), "$WORK"), (rf"\b{got['port']}\b", "PORT"), (rf"\b{got['tls']}\b", "TLSPORT"),
            (r"\(Java/[0-9._]+\)", "(Java/V)"), (r"JMeterThread\.pack=[^\n]*\n", ""), (r"((?:TEST)?START\.\w+)=\d+", r"\1=T")] + case.get("mask", [])
    subs = [(re.compile(a, re.S), b) for a, b in subs]
    def scrub(s):
        if isinstance(s, str):
            for a, b in subs: s = a.sub(b, s)
        return s
    return scrub

def norm_csv(text, scrub):
    if text is None: return {"header": None, "rows": []}
    rows = list(csv.reader(io.StringIO(text)))
    if not rows: return {"header": [], "rows": []}
    if not rows[0] or rows[0][0] != "timeStamp": return {"header": None, "rows": [{str(i): scrub(v) for i, v in enumerate(r)} for r in rows]}
    table = [{k: (v if k in VOLATILE else scrub(v)) for k, v in zip(rows[0], r)} for r in rows[1:]]
    # A row with fewer or more fields than the header is a difference of its own, whatever stands in them.
    for r, shown in zip(rows[1:], table):
        if len(r) != len(rows[0]): shown["(fields)"] = f"{len(r)} where the header has {len(rows[0])}"
    return {"header": rows[0], "rows": table}

def norm_xml(text, scrub):
    if text is None: return []
    legal = lambda c: c in (9, 10, 13) or 0x20 <= c <= 0xD7FF or 0xE000 <= c <= 0xFFFD or c >= 0x10000        # JMeter writes others too
    text = re.sub(r"&#(x?)([0-9A-Fa-f]+);", lambda m: m[0] if legal(int(m[2], 16 if m[1] else 10)) else f"[{m[0][1:-1]}]", text)
    text = "".join(c if legal(ord(c)) else f"[raw {ord(c):x}]" for c in text)
    try: root = ET.fromstring(text)
    except ET.ParseError as e: return [{"tag": "NOT WELL-FORMED", "text": str(e)}]
    def walk(e):
        d = {"tag": e.tag, **{"@" + k: scrub(v) for k, v in e.attrib.items()}}
        t = (e.text or "")
        if t.strip(): d["text"] = scrub(t if e.tag in ("responseData", "samplerData", "queryString") else t.strip())
        if len(e): d["children"] = [walk(c) for c in e]
        return d
    return [walk(c) for c in root]

def norm_requests(reqs, scrub, ignore):
    conns, out = {}, []
    ignore = {h.lower() for h in ignore}
    for r in reqs:
        body, heads = r["body"], [[k, v] for k, v in r["headers"] if k.lower() not in ignore]
        ct = next((v for k, v in heads if k.lower() == "content-type"), ""); m = re.search(r'boundary="?([^";\s]+)', ct)
        if m:
            heads = [[k, "N" if k.lower() == "content-length" else v.replace(m.group(1), "BOUNDARY")] for k, v in heads]; body = body.replace(m.group(1), "BOUNDARY")
        out.append({"conn": conns.setdefault(r["conn"], len(conns) + 1), "line": scrub(f"{r['method']} {r['target']} {r['version']}"), "tls": r["tls"],
                    "headers": [[k, scrub(v)] for k, v in heads], "body": scrub(body)})
    return out

def norm_stdout(text, counts=False):
    keep = ("Creating summariser", "Created the tree", "Starting standalone", "Waiting for possible", "summary ", "Tidying up", "... end of run", "Generate", "An error", "Error", "Could not", "AutoStop", "#")
    if counts:                                      # the totals of each summariser stay: samples, failures, per cent
        total = {m[1]: f"{m[1]} total {m[2]}, failed {m[3]} ({m[4]})" for m in re.finditer(r"^(\S.*?) += +(\d+) in .* Err: +(\d+) \((.*?)\)", text, re.M)}
        return norm_stdout(re.sub(r"(?m)^.+ [=+] +\d+ in .*\n", "", text)) + sorted(total.values())
    lines = [re.sub(r"\(.*?ms?\)|@ .*", "@", re.sub(r"-?[0-9]+(?:[.,][0-9]+)?", "#", l)).rstrip() for l in text.splitlines() if l.startswith(keep)]
    out = []                                       # how many 'summary +' lines there are depends on the clock
    for l in lines:
        if l.startswith("summary ") : l = re.sub(r" +", " ", l)
        if l not in out: out.append(l)
    return [l for l in out if not l.startswith("summary +")]

def normalise(case, got, fmt):
    scrub = scrubber(case, got)
    n = {"exit": got["exit"], "requests": norm_requests(got["requests"], scrub, case.get("request_ignore", [])), "files": {k: scrub(v) for k, v in got["files"].items()}}
    n["samples"] = norm_csv(got["jtl"], scrub) if fmt == "csv" else norm_xml(got["jtl"], scrub)
    if case.get("stdout"): n["stdout"] = norm_stdout(scrub(got["stdout"]), case["stdout"] == "counts"); n["stdout"] = sorted(n["stdout"]) if case["stdout"] == "sorted" else n["stdout"]
    return shrink(n)

def shrink(x):
    """Long strings by their head, length and hash, so that an expected.json stays readable."""
    if isinstance(x, str): return x if len(x) <= 4000 else f"{x[:200]}… {len(x)} characters, sha1 {hashlib.sha1(x.encode('utf-8', 'surrogatepass')).hexdigest()}"
    if isinstance(x, list): return [shrink(v) for v in x]
    if isinstance(x, dict): return {k: shrink(v) for k, v in x.items()}
    return x

def dump(x, depth=0):
    """JSON with one row, request or element a line: compact, and a diff still shows what changed."""
    flat = json.dumps(x, ensure_ascii=False, sort_keys=True)
    if depth >= 4 or not isinstance(x, (dict, list)) or not x or len(flat) <= 100: return flat
    pad = " " * (depth + 1)
    if isinstance(x, list): return "[\n" + ",\n".join(pad + dump(v, depth + 1) for v in x) + "\n" + " " * depth + "]"
    return "{\n" + ",\n".join(f"{pad}{json.dumps(k, ensure_ascii=False)}: {dump(x[k], depth + 1)}" for k in sorted(x)) + "\n" + " " * depth + "}"

def strip(row, drop): return {k: v for k, v in row.items() if k.lstrip("@") not in drop}

def strip_tree(e, drop):
    d = strip(e, drop)
    if "children" in e: d["children"] = [strip_tree(c, drop) for c in e["children"]]
    return d

def group(rows, key):
    g = collections.OrderedDict()
    for r in rows: g.setdefault(key(r), []).append(r)
    return g

def text_diff(a, b, what, limit=14):
    show = lambda x: (x if isinstance(x, str) else json.dumps(x, ensure_ascii=False, indent=1, sort_keys=True).replace("\\n", "\\n\n    ")).splitlines()
    lines = [l for l in difflib.unified_diff(show(a), show(b), "JMeter", "this", n=2, lineterm="")]
    return f"{what}:\n" + "\n".join("    " + l[:240] for l in lines[:limit]) + ("\n    …" if len(lines) > limit else "")

def compare_rows(exp, act, order, thread, what):
    if order == "multiset":
        k = lambda r: json.dumps(r, sort_keys=True, ensure_ascii=False); exp, act = sorted(exp, key=k), sorted(act, key=k)
    if order == "per-thread":
        ge, ga = group(exp, thread), group(act, thread)
        if list(sorted(ge)) != list(sorted(ga)): return [text_diff(sorted(ge), sorted(ga), f"{what}: thread names")]
        return [p for t in ge for p in compare_rows(ge[t], ga[t], "strict", thread, f"{what} of {t}")][:3]
    if exp == act: return []
    if len(exp) != len(act): head = f"{what}: JMeter has {len(exp)}, this has {len(act)}"
    else: head = f"{what}: {sum(a != b for a, b in zip(exp, act))} of {len(exp)} differ"
    return [text_diff(exp, act, head)]

def compare(case, exp, act, fmt):
    problems, drop = [], VOLATILE | set(case.get("ignore", []))
    better = case.get("deliberate", {}); skip = better.get("skip", [])
    if better.get("exit", exp["exit"]) != act["exit"]: problems.append(f"exit status: JMeter {exp['exit']}, wanted {better.get('exit', exp['exit'])}, this {act['exit']}")
    order = case.get("order", "per-thread")
    if fmt == "csv":
        e, a = exp["samples"], act["samples"]
        if e["header"] != a["header"]: problems.append(text_diff(",".join(e["header"] or []), ",".join(a["header"] or []), "CSV header"))
        er, ar, tn = e["rows"], a["rows"], lambda r: r.get("threadName", "")
    else: er, ar, tn = exp["samples"], act["samples"], lambda r: r.get("@tn", "")
    one = len({tn(r) for r in er}) <= 1
    if not one and "check_counts" not in case: drop |= COUNTS
    if "samples" not in skip: problems += compare_rows([strip_tree(r, drop) for r in er], [strip_tree(r, drop) for r in ar], order, tn, "samples")
    mode = case.get("requests", "strict" if one else "multiset")
    if mode != "off" and "requests" not in skip:
        d = {"conn"} if mode != "strict" or case.get("ignore_connections") else set()
        problems += compare_rows([strip(r, d) for r in exp["requests"]], [strip(r, d) for r in act["requests"]], "strict" if mode == "strict" else "multiset", None, "requests on the wire")
    for k, v in exp["files"].items():
        if v != act["files"].get(k): problems.append(text_diff(v or "(no file)", act["files"].get(k) or "(no file)", f"file {k}"))
    if case.get("stdout") and "stdout" not in skip and exp.get("stdout") != act.get("stdout"): problems.append(text_diff("\n".join(exp["stdout"]), "\n".join(act["stdout"]), "console"))
    if fmt == "csv" and er and len(er) == len(ar):
        def num(r, k):
            try: return float(r.get(k) or 0)
            except ValueError:
                told = f"column {k} holds {r[k]!r}, which is no number: times cannot be compared"
                if told not in problems: problems.append(told)
                return 0
        for r in ar:
            if "Latency" in r and "elapsed" in r and not (num(r, "elapsed") >= num(r, "Latency") >= num(r, "Connect") >= 0) and not case.get("loose_times"):
                problems.append(f"times of {r.get('label')}: elapsed {r['elapsed']} >= Latency {r['Latency']} >= Connect {r.get('Connect')} does not hold"); break
        by_thread = lambda rows: group(rows, tn)
        if "starts_ms" in case:
            first = lambda rows: {t: num(g[0], "timeStamp") - min(num(r, "timeStamp") for r in rows) for t, g in by_thread(rows).items()}
            fe, fa = first(er), first(ar)
            for t in fe:
                if t in fa and abs(fe[t] - fa[t]) > case["starts_ms"]: problems.append(f"start of {t}: {fe[t]:.0f} ms after the first in JMeter, {fa[t]:.0f} ms here (tolerance {case['starts_ms']})"); break
        if "gaps_ms" in case:
            gaps = lambda g: [0] + [num(b, "timeStamp") - num(a, "timeStamp") - num(a, "elapsed") for a, b in zip(g, g[1:])]
            ge, ga = by_thread(er), by_thread(ar)
            for t in ge:
                for r, a, b in zip(ge[t], gaps(ge[t]), gaps(ga.get(t, []))):
                    if abs(a - b) > case["gaps_ms"]: problems.append(f"idle before a {r.get('label')} of {t}: {a:.0f} ms in JMeter, {b:.0f} ms here (tolerance {case['gaps_ms']})"); break
        for label, (lo, hi) in case.get("elapsed", {}).items():
            for r in ar:
                if r.get("label") == label and not lo <= num(r, "elapsed") <= hi: problems.append(f"elapsed of {label}: {r.get('elapsed')} ms, not in {lo}..{hi}"); break
    return problems

def load_case(folder):
    p = os.path.join(folder, "case.json")
    return json.load(open(p, encoding="utf-8")) if os.path.exists(p) else {}

def pick(cases, names):
    all_ = sorted(d for d in os.listdir(cases) if os.path.isfile(os.path.join(cases, d, "plan.jmx")) or os.path.isfile(os.path.join(cases, d, "case.json")))
    chosen = [d for d in all_ if not names or any(n in d if n[-1:] != "$" else d == n[:-1] for n in names)]
    if not chosen: raise SystemExit(f"no case under {cases} matches {names}")
    return chosen

def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    sub = ap.add_subparsers(dest="verb", required=True)
    for verb in ("run", "record"):
        p = sub.add_parser(verb); p.add_argument("names", nargs="*"); p.add_argument("--cases", default=os.path.join(HERE, "cases"))
        p.add_argument("--quiet", action="store_true", help="no differences, names and totals only"); p.add_argument("--json", help="write {case: problems} here")
        p.add_argument("--ports", help="take the target's ports from FIRST-LAST (default 18181-18399)")
        p.add_argument("--timeout", type=float, help="seconds for a case, where it does not ask for less")
        if verb == "run": p.add_argument("--runner", required=True)
        else: p.add_argument("--jmeter", default=None, help="launcher (default: $JMETER, else ./install-jmeter)")
    p = sub.add_parser("diff"); p.add_argument("plan"); p.add_argument("args", nargs="*"); p.add_argument("--runner", required=True); p.add_argument("--jmeter", default=None, help="launcher (default: $JMETER, else ./install-jmeter)"); p.add_argument("--xml", action="store_true")
    p.add_argument("--keep", help="keep both working directories under this folder")
    o = ap.parse_args()
    if o.verb == "diff":
        folder = os.path.dirname(os.path.abspath(o.plan)); fmt = "xml" if o.xml else "csv"
        case = {"plan": os.path.basename(o.plan), "args": o.args, "timeout": 300}
        exp, act = (normalise(case, run_case(c, folder, case, fmt, o.keep and os.path.join(o.keep, n)), fmt) for c, n in ((o.jmeter or jmeter(), "jmeter"), (o.runner, "this")))
        problems = compare(case, exp, act, fmt); print("\n".join(problems) or "same"); sys.exit(bool(problems))
    if o.ports:
        global PORTS
        first, last = o.ports.split("-"); PORTS = range(int(first), int(last) + 1)
    passed = failed = 0; report = {}
    if o.verb == "record": o.jmeter = o.jmeter or jmeter()
    for name in pick(o.cases, o.names):
        folder = os.path.join(o.cases, name); case = load_case(folder); problems = []
        if o.timeout: case["timeout"] = min(o.timeout, case.get("timeout", 60))
        expected_path = os.path.join(folder, "expected.json")
        expected = {} if o.verb == "record" else json.load(open(expected_path, encoding="utf-8"))
        for fmt in case.get("formats", ["csv"]):
            got = run_case(o.jmeter if o.verb == "record" else o.runner, folder, case, fmt); norm = normalise(case, got, fmt)
            if o.verb == "record":
                expected[fmt] = norm
                if got["jtl"] is None and not case.get("no_jtl"): problems.append("JMeter wrote no JTL:\n" + got["stdout"][-800:])
                errs = [l for l in (got["log"] or "").splitlines() if " ERROR " in l]
                if errs and not case.get("log_errors"): problems.append("JMeter logged: " + errs[0][:300])
            else:
                want = shrink(expected[fmt])
                if "stdout" in want: want["stdout"] = [l.replace("-#", "#") for l in want["stdout"]]
                found = compare(case, want, norm, fmt)
                if found and norm["exit"] not in (0, expected[fmt]["exit"]): found.append("output: " + got["stdout"].strip()[-400:])
                problems += [f"[{fmt}] {x}" for x in found]
        if o.verb == "record":
            with open(expected_path, "w", encoding="utf-8") as f: f.write(dump(expected) + "\n")
        passed, failed = passed + (not problems), failed + bool(problems); report[name] = problems
        print(("ok    " if not problems else "FAIL  ") + name, flush=True)
        if problems and not o.quiet: print("\n".join("  " + x for x in problems), flush=True)
    if o.json: json.dump(report, open(o.json, "w"), ensure_ascii=False, indent=1)
    print(f"{passed} passed, {failed} failed"); sys.exit(failed > 0)

if __name__ == "__main__":
    main()
