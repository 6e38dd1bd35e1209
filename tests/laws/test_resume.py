"""Law: a run that is killed at any moment and resumed, on another number of ranks, has the draws of the run that was
not, bit for bit.

Every case is run once as it is, then again with checkpoints every few milliseconds: after some checkpoints, and a
random while, all its ranks are killed by SIGKILL, and the same command line goes on with --resume auto on 1, 2, 3 and 5
ranks in turn, until it ends. One SHA-256 of all that was drawn must come out.

  test_resume.py [--kills 10] [--seed 1] [--case NAME]    10 kills over all cases; what make check runs
"""
import argparse
import hashlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MASTING, RUN_MPI = os.environ["MASTING"], os.environ["RUN_MPI"]
BUILD, SOURCE = Path(os.environ["builddir"]), Path(os.environ["srcdir"])
RANKS = [1, 2, 3, 5]
SHORT = ["--seed", "7", "--warmup", "60", "--draws", "60"]

# name, model, data, options
CASES = [
    ("latents", "ppca", "ppca", SHORT + ["--save-warmup", "--threads", "1"]),
    ("own metrics, moments", "ppca", "ppca", SHORT + ["--no-pool", "--latents", "moments", "--chains", "3"]),
    ("dense", "hierarchical", "hierarchical", SHORT + ["--metric", "dense"]),
    ("lowrank, two batches", "logistic", "logistic", SHORT + ["--metric", "lowrank", "--chains", "7", "--lanes", "4"]),
    ("rotations", "ppca", "ppca", SHORT + ["--sampler", "rotation"]),
    ("rotations, dense", "logistic", "logistic", SHORT + ["--sampler", "auto", "--metric", "dense"]),
    ("spread over the ranks", "linear", "linear", SHORT + ["--metric", "dense", "--metric-spread", "always",
                                                          "--init", "mode"]),
    ("Stan's windows", "hierarchical", "hierarchical", SHORT + ["--metric", "diag-var", "--warmup", "90"]),
    ("random numbers", str(SOURCE / "tests/models/random_quantities.stan"), "xy", SHORT + ["--save-warmup"]),
]
SIZES = {"ppca": ["N=1301", "D=2", "K=1"], "hierarchical": ["N=3000", "G=60"], "logistic": ["N=5000", "P=33"],
         "linear": ["N=1500", "P=120"]}


def simulate(folder):
    for model, sizes in SIZES.items():
        words = [word for size in sizes for word in ("--size", size)]
        subprocess.run([MASTING, "simulate", model, *words, "--seed", "42", "-o", folder / f"{model}.h5"], check=True,
                       stderr=subprocess.DEVNULL)
    draw = random.Random(3)
    rows = [(x, 0.5 + 0.3 * x + draw.gauss(0, 1)) for x in (draw.gauss(0, 1) for _ in range(700))]
    (folder / "xy.csv").write_text("x,y\n" + "".join(f"{x!r},{y!r}\n" for x, y in rows))
    subprocess.run([MASTING, "convert", "xy.csv", "xy.h5"], cwd=folder, check=True, stderr=subprocess.DEVNULL)


def digest(path):
    dump = subprocess.run([BUILD / "tests/laws/dump_draws", path], check=True, stdout=subprocess.PIPE).stdout
    return hashlib.sha256(dump).hexdigest()


def start(ranks, folder, words):
    log = open(folder / "log", "wb")
    return subprocess.Popen(["sh", RUN_MPI, str(ranks), MASTING, "sample", *words, "--progress", "none"], cwd=folder,
                            stdout=log, stderr=log)


def children(pid):
    """Processes below pid that run masting."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text()
        except OSError:
            continue
        name = text[text.index("(") + 1:text.rindex(")")]
        parent = int(text[text.rindex(")") + 2:].split()[1])
        if parent != pid:
            continue
        here = int(stat.parent.name)
        found += [here] if name == "masting" else children(here)
    return found


def kill(job):
    """Every rank at once, as when a node dies; True if there was something to kill."""
    ranks = children(job.pid)
    for rank in ranks:
        try:
            os.kill(rank, signal.SIGKILL)
        except ProcessLookupError:
            pass
    job.wait()
    return bool(ranks)


def wait_for_checkpoints(job, path, count):
    """Until so many were published, or the job ended. False then."""
    seen, last = 0, None
    while job.poll() is None:
        try:
            now = os.stat(path).st_ino, os.stat(path).st_mtime_ns
        except OSError:
            now = None
        if now and now != last:
            last = now
            seen += 1
            if seen > count:
                return True
        time.sleep(0.002)
    return False


class Case:
    def __init__(self, folder, case, draw):
        self.name, self.model, data, self.options = case
        self.folder, self.draw, self.data = folder, draw, f"{data}.h5"
        self.kills = self.warm_kills = 0

    def words(self, out, *more):
        return [self.model, self.data, "-o", out, *self.options, *more]

    def uninterrupted(self):
        job = start(1, self.folder, self.words("want.h5", "--force", "--checkpoint-every", "0"))
        if job.wait() != 0:
            sys.exit(f"FAIL {self.name}: {(self.folder / 'log').read_text()}")
        return digest(self.folder / "want.h5")

    def interrupted(self, most, turn):
        """Resumes until the run ends, killing it as often as `most` says; its digest."""
        out = self.folder / "got.h5"
        for suffix in ("", ".partial", ".checkpoint", ".checkpoint.before", ".checkpoint.new"):
            Path(f"{out}{suffix}").unlink(missing_ok=True)
        for attempt in range(most + 1):
            ranks = RANKS[(turn + attempt) % len(RANKS)]
            words = self.words("got.h5", "--resume", "auto", "--checkpoint-every", "0.02")
            job = start(ranks, self.folder, words)
            if attempt < most:
                if wait_for_checkpoints(job, f"{out}.checkpoint", self.draw.choice([0, 1, 2, 4, 8])):
                    time.sleep(self.draw.uniform(0, 0.05))
                    killed = kill(job)
                    if out.exists():  # it was done
                        break
                    self.kills += killed
                    continue
            if job.wait() != 0:
                sys.exit(f"FAIL {self.name}: status {job.returncode} on {ranks} ranks: "
                         f"{(self.folder / 'log').read_text()}")
            break
        if not out.exists():
            sys.exit(f"FAIL {self.name}: the run never ended: {(self.folder / 'log').read_text()}")
        return digest(out)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--kills", type=int, default=10)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--case")
    options = options.parse_args()
    draw = random.Random(options.seed)
    cases = [case for case in CASES if options.case in (None, case[0])]
    failed, kills, turn = 0, 0, options.seed
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        simulate(folder)
        todo = {case[0]: Case(folder, case, draw) for case in cases}
        want = {name: case.uninterrupted() for name, case in todo.items()}
        rounds = 0
        while kills < options.kills or rounds == 0:
            for name, case in todo.items():
                before = case.kills
                got = case.interrupted(2 if options.kills <= 20 else 6, turn)
                turn += 1
                kills += case.kills - before
                if got != want[name]:
                    print(f"FAIL {name}: after {case.kills - before} kills another draw: {got}, {want[name]}")
                    failed = 1
            rounds += 1
            if rounds > options.kills // 5:  # runs that are over too soon are not killed: it is no failure
                break
        for name, case in todo.items():
            print(f"{want[name]} {name}: {case.kills} kills")
        print(f"{kills} kills, seed {options.seed}")
        if kills == 0:
            print("FAIL: no run was killed")
            failed = 1
    return failed


sys.exit(main())
