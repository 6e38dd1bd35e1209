#!/usr/bin/env python3
"""How runs end before their last draw: signals, times, --finish, recover, status, summary.

What is checked of each: the exit status, the one line, what is on disk and what is not, and that a whole file has
no NaN and the draws of the run that was not stopped, bit for bit.
"""
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MASTING = os.environ["MASTING"]
RUN_MPI = os.environ["RUN_MPI"]
DUMP = Path(os.environ["builddir"]) / "tests/laws/dump_draws"
LONG = ["--chains", "2", "--draws", "200000", "--latents", "none", "--progress", "none", "--warmup", "50"]
failed = 0


def check(good, what):
    global failed
    print(("ok   " if good else "FAIL ") + what, flush=True)
    failed += not good


def defaults():
    for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2):
        signal.signal(s, signal.SIG_DFL)


def start(*words, launcher=()):
    return subprocess.Popen([*launcher, MASTING, *words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                            preexec_fn=defaults)


def run(*words, **more):
    return subprocess.run([MASTING, *words], capture_output=True, text=True, timeout=120, **more)


def note_of(out):
    try:
        text = Path(out + ".lock").read_text()
    except OSError:
        return 0, 0
    found = re.search(r"warmup (\d+)/\d+ draws (\d+)/", text)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def wait_for(job, out, draws, warmup=0):
    for _ in range(600):
        warm, done = note_of(out)
        if job.poll() is not None or (done >= draws and warm >= warmup):
            return
        time.sleep(0.1)


def wait_on_disk(job, out, draws):
    """Until the partial file has so many draws of every chain: draws are written by the hundred."""
    for _ in range(300):
        found = re.search(r"([\d,]+) draws of each of", run("status", out).stdout)
        if job.poll() is not None or (found and int(found[1].replace(",", "")) >= draws):
            return
        time.sleep(0.2)


def end(job):
    """Status, messages and seconds until it ended."""
    since = time.time()
    try:
        err = job.communicate(timeout=60)[1]
    except subprocess.TimeoutExpired:
        job.kill()
        err = job.communicate()[1]
    return job.returncode, err, time.time() - since


def there(out):
    return sorted(p.name for p in Path(".").glob(out + "*"))


def draws_of(out, *more):
    text = run("summary", out, "--json", *more).stdout
    return json.loads(text) if text else {}


def line_of(err):
    lines = [x for x in err.splitlines() if x.startswith("masting: stopped by")]
    return lines[0] if len(lines) == 1 else ""


def signals():
    for name, shown in (("INT", "Ctrl-C (SIGINT)"), ("TERM", "SIGTERM"), ("HUP", "SIGHUP"), ("USR1", "SIGUSR1"),
                        ("USR2", "SIGUSR2")):
        out = name + ".h5"
        job = start("sample", "ppca", "data.h5", "-o", out, *LONG)
        wait_for(job, out, 100)
        job.send_signal(getattr(signal, "SIG" + name))
        status, err, took = end(job)
        check(status == 75, f"{name}: status {status} after {took:.2f} s")
        line = line_of(err)
        found = re.match(r"masting: stopped by " + re.escape(shown) + r" after [^:]*: ([\d,]+) of 400,000 draws \(([\d,]+) a "
                         rf"chain\) are in {out}\.partial; to go on: masting sample --resume {out}\.checkpoint$", line)
        check(bool(found), f"{name}: one line: {line or err}")
        check(there(out) == [out + ".checkpoint", out + ".partial"], f"{name}: what is there: {there(out)}")
        told = int(found[2].replace(",", "")) if found else -1
        if name != "INT":
            continue
        shown = run("summary", out, "--var", "w")
        check("INT.h5: not there: its run ended early; these are the draws of INT.h5.partial" in shown.stderr
              and shown.returncode == 0, "summary takes the partial file and says so")
        check("ended early" in run("status", out).stdout, "status of a run that ended early")
        kept = run("recover", out, "-o", "kept.h5")
        check(kept.returncode == 0 and there("kept.h5") == ["kept.h5"] and out + ".partial" in there(out),
              "recover -o: the partial file stays")
        again = run("recover", out + ".partial")
        check(again.returncode == 0 and there(out) == [out, out + ".checkpoint"], f"recover: {again.stderr.strip()}")
        check(draws_of(out)["draws"] == told, f"recover: {told} draws a chain")
        check("finished" in run("status", out).stdout, "status of a whole file")
        run("sample", "ppca", "data.h5", "-o", "same.h5", "--chains", "2", "--draws", str(told), "--latents", "none",
            "--progress", "none", "--warmup", "50")
        one, other = (subprocess.run([DUMP, f], capture_output=True).stdout for f in (out, "same.h5"))
        check(one == other and len(one) > 100, "recover: the draws of a run that asked for so many, bit for bit")


def ranks():
    # mpirun passes USR1 on; a signal to one rank alone is everybody's
    job = start("sample", "ppca", "data.h5", "-o", "r.h5", *LONG, "--finish", launcher=["sh", RUN_MPI, "3"])
    wait_for(job, "r.h5", 50)
    ranks = subprocess.run(["pgrep", "-f", "^" + re.escape(MASTING) + " sample ppca data.h5 -o r.h5"], capture_output=True,
                           text=True).stdout.split()
    lock = Path("r.h5.lock").read_text().split()[3]
    other = next((p for p in ranks if p != lock), None)
    check(len(ranks) == 3 and other is not None, f"three ranks: {ranks}, the writer {lock}")
    os.kill(int(other), signal.SIGTERM)
    status, err, took = end(job)
    check(status == 0, f"TERM to one rank of three, --finish: status {status} after {took:.2f} s: {line_of(err) or err}")
    check("stopped by a signal to another rank" in err and there("r.h5") == ["r.h5"], "it is told, and the file is whole")
    check(draws_of("r.h5")["diagnostics"]["undefined"] == 0, "no NaN in it")


def twice():
    # so large that a step takes long; the second INT does not wait for it
    job = start("sample", "ppca", "large.h5", "-o", "twice.h5", "--latents", "none", "--progress", "none")
    for _ in range(300):
        if Path("twice.h5.partial").exists():
            break
        time.sleep(0.1)
    job.send_signal(signal.SIGINT)
    job.send_signal(signal.SIGINT)
    time.sleep(0.02)
    job.send_signal(signal.SIGINT)
    status, _, took = end(job)
    check(status in (-2, 130), f"INT twice: status {status} after {took:.2f} s")


def times():
    # a limit in warm-up: there are no draws, and it can go on
    job = run("sample", "ppca", "large.h5", "-o", "t.h5", "--time-limit", "1s", "--progress", "none", "--latents", "none")
    check(job.returncode == 75 and "stopped by --time-limit after" in job.stderr and "to go on: " in job.stderr,
          f"a limit in warm-up: {job.returncode}: {line_of(job.stderr) or job.stderr}")
    check(there("t.h5") == ["t.h5.checkpoint", "t.h5.partial"], f"what is there: {there('t.h5')}")
    soon = dict(os.environ, SLURM_JOB_ID="1", SLURM_JOB_START_TIME=str(int(time.time())),
                SLURM_JOB_END_TIME=str(int(time.time()) + 3))
    job = run("sample", "ppca", "data.h5", "-o", "s.h5", *LONG, "--finish", env=soon)
    check(job.returncode in (0, 75) and "stopped by the end of the Slurm job" in job.stderr,
          f"inside Slurm: {job.returncode}: {line_of(job.stderr) or job.stderr}")
    for text in ("abc", "0", "-3", "3h20", "1:2:3:4", "5x"):
        job = run("sample", "ppca", "data.h5", "-o", "u.h5", "--time-limit=" + text)
        check(job.returncode == 2 and "--time-limit: not a time" in job.stderr, f"--time-limit {text}: {job.stderr.strip()}")


def killed():
    # kill -9, with row-local draws: whole draws only
    job = start("sample", "ppca", "data.h5", "-o", "k.h5", "--chains", "2", "--draws", "4000", "--progress", "none",
                "--save-warmup", "--warmup", "50", "--target-accept", "0.999")
    wait_for(job, "k.h5", 20)
    status = run("status", "k.h5")
    check(re.search(r"^k\.h5: running: process \d+ on host ", status.stdout) is not None
          and re.search(r"sampling: [\d,]+ of 8,000 draws of all chains, ", status.stdout) is not None,
          "status: " + status.stdout.strip().replace("\n", " / "))
    refused = run("recover", "k.h5")
    check(refused.returncode == 2 and "a run still writes it" in refused.stderr, "recover refuses a run that goes on")
    wait_on_disk(job, "k.h5", 10)
    job.kill()
    end(job)
    recovered = run("recover", "k.h5.partial")
    check(recovered.returncode == 0 and there("k.h5") == ["k.h5"], f"after kill -9: {recovered.stderr.strip()}")
    found = draws_of("k.h5", "--var", "w")
    check(found["draws"] >= 10 and found["diagnostics"]["undefined"] == 0 and found["diagnostics"]["unfinished"] == 0,
          f"after kill -9: {found.get('draws')} draws a chain")
    rows = draws_of("k.h5", "--var", "z")
    check(rows["diagnostics"]["undefined"] == 0, "row-local draws are whole")


def mistakes():
    Path("bad.h5.partial").write_text("not HDF5")
    for words, text in ((["recover", "none.h5"], "none.h5: not a name that ends in .partial"),
                        (["recover", "none.h5.partial"], "none.h5.partial: cannot be opened: No such file or directory"),
                        (["recover", "bad.h5.partial"], "bad.h5.partial: cannot be opened as HDF5"),
                        (["recover", "data.h5", "-o", "o.h5"], "not as masting lays it out"),
                        (["status", "none.h5"], "none.h5: no run of that name")):
        job = run(*words)
        check(job.returncode in (2, 65) and text in job.stderr and job.stderr.count("error:") == 1,
              " ".join(words) + ": " + job.stderr.strip())
    left = [x for x in there("") if x.endswith((".lock", ".whole")) and not x.startswith("twice")]
    check(not left, f"no locks are left: {left}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for name, rows in (("data.h5", "2000"), ("large.h5", "400000")):
            run("simulate", "ppca", "--size", "N=" + rows, "--size", "D=2", "--size", "K=1", "--seed", "1", "-o", name)
        for part in (signals, ranks, twice, times, killed, mistakes):
            part()
        os.chdir("/")
    return failed > 0


sys.exit(main())
