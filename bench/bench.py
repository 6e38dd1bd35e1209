#!/usr/bin/env python3
"""bench.py BUILD [--json FILE] [--quick] [--row NAME ...] -- speed and memory against their aims.

Run by `make bench`. BUILD is a build tree with masting, bench/kernel, bench/reductions, bench/cholesky
and bench/empty_mpi. Needs Python alone, two free cores and 3 GiB. What is compared is measured in turn
within one run, several times, and the median is reported; absolute times hold for the machine that
the JSON names. Exit status 1 when an aim is missed. --quick: sizes and
repeats a tenth, to see that the bench itself works.
"""
import argparse
import json
import math
import os
import platform
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MIB = float(1 << 20)


class Bench:
    """Runs programs of one build tree in a scratch folder."""

    def __init__(self, build, folder, quick):
        self.build, self.folder, self.quick = Path(build).resolve(), Path(folder), quick
        self.made = {}

    def run(self, ranks, threads, *command):
        """Seconds from start to end of a program under mpirun, and its standard output."""
        env = dict(os.environ, OMP_NUM_THREADS=str(threads), OMPI_ALLOW_RUN_AS_ROOT="1",
                   OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1", OMPI_MCA_hwloc_base_binding_policy="none",
                   OMPI_MCA_rmaps_base_oversubscribe="1", OMPI_MCA_btl="self,vader", OMPI_MCA_pml="ob1",
                   OMPI_MCA_btl_vader_single_copy_mechanism="none")
        begun = time.monotonic()
        done = subprocess.run(["mpirun", "-n", str(ranks), *map(str, command)], env=env, text=True,
                              cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True)
        if done.returncode:
            sys.exit(f"bench.py: {' '.join(map(str, command))}: status {done.returncode}\n{done.stderr}")
        return time.monotonic() - begun, done.stdout

    def sample(self, ranks, threads, model, data, *options):
        """Result object of one `masting sample`."""
        seconds, out = self.run(ranks, threads, self.build / "masting", "sample", model, data, "--json",
                                "--quiet", "--seed", "1", *options)
        return dict(json.loads(out), process_seconds=seconds)

    def data(self, model, **sizes):
        """A simulated data set of these sizes, made once."""
        name = "-".join([model, *(f"{k}{v}" for k, v in sizes.items())]) + ".h5"
        if name not in self.made:
            options = [word for k, v in sizes.items() for word in ("--size", f"{k}={v}")]
            self.run(1, 2, self.build / "masting", "simulate", model, *options, "--seed", "42", "-o", name)
            self.made[name] = self.folder / name
        return self.made[name]

    def top(self):
        """The source tree, with whose headers Stan programs are compiled from now on, into the scratch folder."""
        source = Path(__file__).resolve().parent.parent
        os.environ.setdefault("MASTING_INCLUDE", str(source / "include"))
        os.environ["MASTING_CACHE"] = str(self.folder / "cache")
        return source

    def steps(self, n):
        return max(n // 10, 20) if self.quick else n

    def repeats(self, n):
        return 2 if self.quick else n


def alternate(repeats, *cases):
    """Median of each case over repeats; the cases take turns, so that drift hits all alike."""
    taken = [[] for _ in cases]
    for turn in range(repeats):
        for i in range(len(cases)):
            k = (i + turn) % len(cases)
            taken[k].append(cases[k]())
    return [statistics.median(t) for t in taken]


def row(what, value, aim, unit, note=""):
    """aim None: there is none, the figure is shown beside the others."""
    return {"what": what, "value": value, "aim": aim, "unit": unit, "met": aim is None or value <= aim, "note": note}


def whole_process(b):
    data = b.data("ppca", N=5000, D=2, K=1)
    runs = [b.sample(1, 2, "ppca", data, "-o", "draws.h5", "--force") for _ in range(b.repeats(3))]
    seconds = statistics.median(r["process_seconds"] for r in runs)
    r = runs[-1]
    yield row("ppca N=5000: whole process, 1 rank x 2 threads", seconds, 3.0, "s",
              f"8 x ({r['warmup']} + {r['draws']}) draws, {r['steps']} leapfrog steps")


def leapfrog(b):
    data = b.data("ppca", N=5000, D=2, K=1)
    steps = b.steps(20000)
    for ranks, threads in ((1, 2), (2, 1)):
        seconds, = alternate(b.repeats(5), lambda: b.sample(ranks, threads, "ppca", data, "--max-steps",
                                                            steps)["step_seconds"])
        yield row(f"ppca N=5000: leapfrog step of 8 chains, {ranks} x {threads}", seconds * 1e6, 40.0, "us")


def kernels(b):
    rows = 100000 if b.quick else 1000000
    _, out = b.run(1, 2, b.build / "bench/kernel", rows, b.repeats(10))
    found = [json.loads(line) for line in out.splitlines()]
    for lanes, aim in ((8, 3.0), (1, 1.5)):
        k = next(k for k in found if k["kernel"] == "logistic_f64" and k["lanes"] == lanes)
        yield row(f"logistic {rows} x 64: gradient of {lanes} chain{'s' * (lanes > 1)} over one read of X",
                  k["reads"], aim, "reads", f"{k['ns'] / 1e6:.1f} ms; a read {k['read_ns'] / 1e6:.1f} ms")


def exact_sums(b):
    """bench/reductions makes the same steps under both, in turn; runs of masting build other trees."""
    for model, sizes, steps in (("ppca", {"N": 5000, "D": 2, "K": 1}, 20000),
                                ("ppca", {"N": 200000, "D": 2, "K": 1}, 1200),
                                ("logistic", {"N": 200000, "P": 16}, 1200),
                                ("logistic", {"N": 200000, "P": 64}, 600)):
        data = b.data(model, **sizes)
        _, out = b.run(1, 2, b.build / "bench/reductions", model, data, b.steps(steps))
        found = json.loads(out)
        shape = " x ".join(str(v) for k, v in sizes.items() if k in "NP")
        yield row(f"{model} N={shape}: exact sums over plain sums", 100 * (found["ratio"] - 1), 3.0, "%",
                  f"{found['exact_us']:.1f} us and {found['plain_us']:.1f} us a step")


def ranks_for_threads(b):
    n = 100000 if b.quick else 1000000
    for model, sizes, steps in (("ppca", {"N": n, "D": 2, "K": 1}, 150),
                                ("logistic", {"N": n, "P": 64}, 60)):
        data = b.data(model, **sizes)

        def time_of(ranks, threads):
            return b.sample(ranks, threads, model, data, "--max-steps", b.steps(steps))["step_seconds"]
        two, one = alternate(b.repeats(5), lambda: time_of(2, 1), lambda: time_of(1, 2))
        yield row(f"{model} N={n}: 2 ranks x 1 thread over 1 x 2", 100 * (two / one - 1), 5.0, "%",
                  f"{two * 1e3:.2f} ms and {one * 1e3:.2f} ms a step")


def memory(b):
    n = 100000 if b.quick else 1000000
    cases = (("ppca", {"N": 5000, "D": 2, "K": 1}, 1, 16), ("ppca", {"N": n, "D": 2, "K": 1}, 1, 16),
             ("logistic", {"N": n, "P": 64}, 0, 64 * 8 + 4))
    for model, sizes, locals_a_row, row_bytes in cases:
        data = b.data(model, **sizes)
        for ranks in (1, 2):
            r = b.sample(ranks, 1, model, data, "--max-steps", b.steps(200))
            lanes = 8
            rows = sizes["N"] / ranks
            allowed = rows * row_bytes + 40 * rows * locals_a_row * lanes * 8 + 64 * MIB
            yield row(f"{model} N={sizes['N']}: resident, {ranks} rank{'s' * (ranks > 1)}",
                      r["peak_resident_bytes"] / MIB, allowed / MIB, "MiB")


def cholesky(b):
    """Aims are at most: time over 1 / 0.7 of LAPACK's is missed."""
    n = 1000 if b.quick else 4000

    def run(kind, ranks, threads):
        return json.loads(b.run(ranks, threads, b.build / "bench/cholesky", kind, n, 3)[1])
    last = {}

    def time_of(kind, ranks, threads):
        last[kind] = run(kind, ranks, threads)
        return last[kind]["seconds"]
    dist, lapack = alternate(b.repeats(5), lambda: time_of("dist", 2, 1), lambda: time_of("lapack", 1, 2))
    yield row(f"Cholesky P={n}: 2 ranks x 1 thread, time over dpotrf of 1 x 2", dist / lapack, 1 / 0.7, "",
              f"{dist:.3f} s and {lapack:.3f} s: {lapack / dist:.2f} of its speed")
    normal, inverse = alternate(b.repeats(3), lambda: time_of("normal", 2, 1), lambda: time_of("inverse", 2, 1))
    yield row(f"Gaussian process N={n}: gradient over factorisation and inverse, 2 ranks", normal / inverse, 1.5,
              "", f"{normal:.3f} s and {inverse:.3f} s")
    # What a rank has beyond a program that does the same with one tile: the matrix and the panels.
    empty = {ranks: json.loads(b.run(ranks, 1, b.build / "bench/cholesky", "dist", 1, 1)[1])["resident_bytes"]
             for ranks in (1, 2)}
    for kind, what in (("dist", "Cholesky P"), ("normal", "Gaussian process N")):
        one, two = ((r["resident_bytes"] - empty[r["ranks"]]) / MIB
                    for r in (run(kind, 1, 1), run(kind, 2, 1)))
        yield row(f"{what}={n}: memory a rank, 2 ranks over 1", two / one, 0.6, "", f"{two:.0f} and {one:.0f} MiB")


def gaussian_process(b):
    """A Gaussian process as a Stan program: one chain's leapfrog step beside what factor and inverse alone take; in lanes
    and on matrices."""
    program = b.top() / "bench/stan/process.stan"

    def data(n):
        path = b.folder / f"process{n}.json"
        if path.exists():
            return path
        rng = random.Random(1)
        x = sorted(rng.uniform(0, 10) for _ in range(n))
        path.write_text(json.dumps({"N": n, "x": x, "y": [math.sin(v) + rng.gauss(0, 0.3) for v in x]}), encoding="utf-8")
        return path

    def sampled(ranks, n, chains, steps, *options):
        return b.sample(ranks, 1, program, data(n), "--chains", chains, "--max-steps", steps, *options)
    n = 1000 if b.quick else 4000
    ours, alone = alternate(
        b.repeats(3), lambda: sampled(2, n, 1, 3)["step_seconds"],
        lambda: json.loads(b.run(2, 1, b.build / "bench/cholesky", "inverse", n, 1)[1])["seconds"])
    yield row(f"Gaussian process in Stan, N={n}: gradient over factorisation and inverse, 2 ranks", ours / alone, 1.5, "",
              f"{ours:.3f} s and {alone:.3f} s")
    small = {ranks: sampled(ranks, 300, 1, 2)["peak_resident_bytes"] for ranks in (1, 2)}
    one, two = ((sampled(ranks, n, 1, 2)["peak_resident_bytes"] - small[ranks]) / MIB for ranks in (1, 2))
    yield row(f"Gaussian process in Stan, N={n}: memory a rank beyond N=300, 2 ranks over 1", two / one, 0.6, "",
              f"{two:.0f} and {one:.0f} MiB")
    for n in (64, 128, 256, 512):
        tiles, lanes = alternate(b.repeats(3), *(
            (lambda o=o: sampled(1, n, 8, b.steps(2 * 10**4 // n), "--covariance-spread", o)["step_seconds"])
            for o in (1, 0)))
        yield row(f"Gaussian process in Stan, N={n}, 8 chains, 1 rank: matrices over lanes", tiles / lanes,
                  1.0 if n >= 256 else None, "", f"{tiles * 1e3:.1f} ms and {lanes * 1e3:.1f} ms a step")


def start(b):
    data = b.data("ppca", N=5000, D=2, K=1)
    empty, first = alternate(
        b.repeats(11), lambda: b.run(1, 2, b.build / "bench/empty_mpi")[0],
        lambda: b.sample(1, 2, "ppca", data, "--max-steps", 1)["process_seconds"])
    yield row("ppca N=5000: start to first gradient and end, beyond an empty MPI program", first - empty,
              0.15, "s", f"{first:.3f} s and {empty:.3f} s")


def dense(b):
    """A leapfrog step with a dense metric of the globals beside one with a diagonal."""
    n = 100000 if b.quick else 1000000
    data = b.data("logistic", N=n, P=64)
    dense_, diag = alternate(b.repeats(5), *(
        (lambda m=m: b.sample(1, 2, "logistic", data, "--metric", m, "--init", "mode", "--max-steps",
                              b.steps(60))["step_seconds"]) for m in ("dense", "diag")))
    yield row(f"logistic {n} x 64: leapfrog step, dense metric over diagonal", 100 * (dense_ / diag - 1), 2.0, "%",
              f"{dense_ * 1e3:.2f} ms and {diag * 1e3:.2f} ms a step")


def stan(b):
    """Stan programs: what compiling costs, and compiled kernels beside those of the gallery, run in turn."""
    source = b.top()
    programs = {"ppca": source / "data/ppca.stan", "logistic": source / "bench/stan/logistic.stan",
                "hierarchical": source / "bench/stan/hierarchical.stan"}
    data = b.data("hierarchical", N=20000, G=500)

    def compiled(fresh):
        if fresh:
            shutil.rmtree(b.folder / "cache", ignore_errors=True)
        return b.sample(1, 2, programs["hierarchical"], data, "--max-steps", 1)["process_seconds"]

    fresh, cached, gallery, empty = alternate(
        b.repeats(7), lambda: compiled(True), lambda: compiled(False),
        lambda: b.sample(1, 2, "hierarchical", data, "--max-steps", 1)["process_seconds"],
        lambda: b.run(1, 2, b.build / "bench/empty_mpi")[0])
    yield row("Stan program of 27 lines: compiled, beyond the gallery's start", fresh - gallery, 1.5, "s")
    yield row("Stan program compiled before: start to first gradient, beyond an empty MPI program",
              cached - empty, 0.1, "s", f"gallery's {gallery - empty:.3f} s")
    for model, sizes, steps in (("ppca", {"N": 5000, "D": 2, "K": 1}, 10000),
                                ("logistic", {"N": 20000, "P": 16}, 3000),
                                ("hierarchical", {"N": 20000, "G": 500}, 3000)):
        data = b.data(model, **sizes)
        ours, theirs = alternate(b.repeats(7), *(
            (lambda m=m: b.sample(1, 2, m, data, "--max-steps", b.steps(steps))["step_seconds"])
            for m in (programs[model], model)))
        yield row(f"{model} {' '.join(f'{k}={v}' for k, v in sizes.items())}: Stan program over the gallery's",
                  ours / theirs, 1.2, "times", f"{1e6 * ours:.1f} us and {1e6 * theirs:.1f} us a step")


ROWS = {"process": whole_process, "leapfrog": leapfrog, "kernels": kernels, "exact": exact_sums,
        "ranks": ranks_for_threads, "memory": memory, "start": start, "stan": stan, "dense": dense,
        "cholesky": cholesky, "gp": gaussian_process}


def machine():
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo", encoding="utf-8")
                  if line.startswith("model name")), platform.machine())
    return {"cpu": model, "cores": os.cpu_count(), "load_before": os.getloadavg()[0]}


def main():
    parser = argparse.ArgumentParser(description="speed and memory against their aims")
    parser.add_argument("build")
    parser.add_argument("--json", default="bench.json")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--row", action="append", choices=sorted(ROWS), help="only these rows")
    args = parser.parse_args()
    report = {"machine": machine(), "quick": args.quick, "rows": []}
    print(f"{report['machine']['cpu']}, {report['machine']['cores']} cores, "
          f"load {report['machine']['load_before']:.1f}\n")
    print(f"{'what':<74} {'measured':>10} {'aim':>9}")
    with tempfile.TemporaryDirectory(prefix="masting-bench-") as folder:
        bench = Bench(args.build, folder, args.quick)
        for name in args.row or ROWS:
            for r in ROWS[name](bench):
                report["rows"].append(dict(r, row=name))
                aim = "" if r["aim"] is None else f"{r['aim']:.4g}"
                verdict = "" if r["aim"] is None else "met" if r["met"] else "MISSED"
                print(f"{r['what']:<74} {r['value']:>10.3g} {aim:>9} {r['unit']:<5} "
                      f"{verdict:<7} {r['note']}", flush=True)
    Path(args.json).write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    missed = sum(not r["met"] for r in report["rows"])
    print(f"\n{len(report['rows'])} rows, {missed} missed; written to {args.json}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
