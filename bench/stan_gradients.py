#!/usr/bin/env python3
"""stan_gradients.py POSTERIORDB MASTING WORK [--least 1000] [--only WORD] -- gradients beside Stan's own.

For every program of a posteriordb checkout whose data have an array longer than --least: the time of one gradient in
Stan (compiled with -O3, one core; bench/stan/gradient.cpp) over the time that masting takes per chain and leapfrog step
with 8 chains on one thread (the whole step: gradient, momenta, tree, adaptation). Both run in turn, three times; the
median counts. Prints a table, the median ratio and whether it meets the aim of 20.

WORK keeps what is compiled, about a minute a program the first time; it also gets a Python environment with httpstan
from PyPI, whose package brings stanc and Stan's headers. Needs a C++ compiler and python3-venv.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests" / "posteriordb"))
from database import Database  # noqa: E402

AIM = 20.0


def longest(value):
    return max([len(value), *(longest(v) for v in value[:1])]) if isinstance(value, list) and value else 0


class Stan:
    """httpstan's copy of Stan in a folder, and programs compiled with it."""

    def __init__(self, work):
        self.work = work
        if not list(work.glob("venv/lib/python*/site-packages/httpstan/stanc")):
            subprocess.run([sys.executable, "-m", "venv", work / "venv"], check=True)
            subprocess.run([work / "venv/bin/pip", "install", "--quiet", "httpstan"], check=True)
        self.home = next(work.glob("venv/lib/python*/site-packages/httpstan"))
        self.include = ["-isystem", self.home / "include"]
        for extra in work.glob("venv/include*/**/boost"):
            self.include += ["-isystem", extra.parent]

    def compiled(self, program):
        """Path of the timing program of a model, or None where the compilers refuse it."""
        out = self.work / "stan" / program.stem
        if out.exists():
            return out
        out.parent.mkdir(exist_ok=True)
        source = out.with_suffix(".cpp")
        stanc = [self.home / "stanc", "--name", "timed", "--o", source, program]
        if subprocess.run(stanc, capture_output=True).returncode:
            return None
        flags = ["-std=c++17", "-O3", "-w", "-DBOOST_DISABLE_ASSERTS", "-D_REENTRANT", "-D_GLIBCXX_USE_CXX11_ABI=0",
                 "-DBOOST_PHOENIX_NO_VARIADIC_EXPRESSION"]
        lib = self.home / "lib"
        done = subprocess.run(["g++", *flags, *self.include, source, HERE / "stan/gradient.cpp", "-o", out,
                               f"-L{lib}", f"-Wl,-rpath,{lib}", "-lsundials_cvodes", "-lsundials_idas",
                               "-lsundials_kinsol", "-lsundials_nvecserial", "-ltbb"], capture_output=True, text=True)
        if done.returncode:
            print(done.stderr[-600:], file=sys.stderr)
            return None
        return out


def stan_seconds(program, data):
    done = subprocess.run([program, data, "1", "0.5"], capture_output=True, text=True)
    return json.loads(done.stdout) if done.returncode == 0 else None


def masting_seconds(masting, program, data, steps):
    env = dict(os.environ, OMP_NUM_THREADS="1")
    done = subprocess.run([masting, "sample", program, data, "--chains", "8", "--max-steps", str(steps), "--seed", "1",
                           "--quiet", "--json"], env=env, capture_output=True, text=True)
    if done.returncode:
        print(done.stderr[-300:], file=sys.stderr)
        return None
    return json.loads(done.stdout)["step_seconds"] / 8


def measure(stan, masting, program, data):
    compiled = stan.compiled(program)
    if not compiled:
        return None
    first = masting_seconds(masting, program, data, 30)
    if not first:
        return None
    steps = int(min(max(0.5 / (8 * first), 60), 20000))
    theirs, ours = [], []
    for _ in range(3):
        answer = stan_seconds(compiled, data)
        if not answer:
            return None
        theirs.append(answer["seconds"])
        ours.append(masting_seconds(masting, program, data, steps))
    return statistics.median(theirs), statistics.median(ours), answer["version"]


def main():
    parser = argparse.ArgumentParser(description="gradients beside Stan's own")
    parser.add_argument("posteriordb")
    parser.add_argument("masting")
    parser.add_argument("work")
    parser.add_argument("--least", type=int, default=1000)
    parser.add_argument("--only", default="")
    parser.add_argument("--json", default=None)
    args = parser.parse_args()
    work = Path(args.work).resolve()
    (work / "data").mkdir(parents=True, exist_ok=True)
    base = Database(args.posteriordb, work / "data")
    stan, rows = Stan(work), []
    print(f"{'posterior':<42} {'longest':>8} {'Stan':>11} {'masting, a chain':>17} {'ratio':>7}")
    for path in sorted((base.top / "posteriors").glob("*.json")):
        about = base.posterior(path.stem)
        data = base.data(about["data_name"]) if args.only in path.stem else None
        if not data:
            continue
        size = max(map(longest, json.loads(data.read_text(encoding="utf-8")).values()), default=0)
        if size <= args.least:
            continue
        found = measure(stan, args.masting, base.model(about["model_name"]), data)
        if not found:
            print(f"{path.stem:<42} {size:>8} not measured", flush=True)
            continue
        theirs, ours, version = found
        rows.append({"posterior": path.stem, "longest": size, "stan": theirs, "masting": ours, "version": version})
        print(f"{path.stem:<42} {size:>8} {theirs * 1e6:>8.1f} us {ours * 1e6:>14.1f} us {theirs / ours:>7.1f}",
              flush=True)
    if not rows:
        sys.exit("nothing was measured")
    median = statistics.median(r["stan"] / r["masting"] for r in rows)
    print(f"\nmedian of {len(rows)}: {median:.1f} times Stan {rows[0]['version']}; aim {AIM:.0f}: "
          f"{'met' if median >= AIM else 'MISSED'}")
    if args.json:
        Path(args.json).write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return 0 if median >= AIM else 1


if __name__ == "__main__":
    sys.exit(main())
