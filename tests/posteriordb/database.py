"""What compare.py and reference.py share: a posteriordb checkout, Stan text, and running masting.

A checkout of posteriordb has posterior_database/posteriors/NAME.json (which model, which data),
models/stan/MODEL.stan, data/data/DATA.json.zip and reference_posteriors/draws/draws/NAME.json.zip.
"""

import json
import re
import subprocess
import threading
import zipfile
from pathlib import Path

DECLARATION = re.compile(
    r"(?:array\s*\[[^\]]*\]\s*)?(\w+)\s*(?:<[^;]*?>)?\s*(?:\[[^;]*?\])?\s*\w+"
    r"(?:\s*\[[^;]*?\])?\s*;"
)


class Database:
    """A checkout of posteriordb; `scratch` is a folder for what is unzipped."""

    def __init__(self, top, scratch):
        top = Path(top)
        self.top = top / "posterior_database" if (top / "posterior_database").is_dir() else top
        if not (self.top / "posteriors").is_dir():
            raise SystemExit(f"{top}: no posteriors/ in it; expected a checkout of posteriordb")
        self.scratch = Path(scratch)

    def posterior(self, name):
        """The JSON object of a posterior: model_name, data_name, reference_posterior_name."""
        return json.loads((self.top / "posteriors" / f"{name}.json").read_text(encoding="utf-8"))

    def model(self, name):
        return self.top / "models" / "stan" / f"{name}.stan"

    def data(self, name):
        """Path of the data as plain JSON, or None where the checkout lacks them."""
        return self._unzipped(self.top / "data" / "data" / f"{name}.json.zip", f"{name}.json")

    def reference(self, name):
        """The reference draws, one object a chain, each parameter a list; None without any."""
        source = self.top / "reference_posteriors" / "draws" / "draws" / f"{name}.json.zip"
        path = self._unzipped(source, f"{name}.reference.json")
        return json.loads(path.read_text(encoding="utf-8")) if path else None

    def with_reference(self):
        """Names of posteriors that have reference draws, sorted."""
        found = {
            p.name[: -len(".json.zip")]
            for p in (self.top / "reference_posteriors/draws/draws").glob("*.json.zip")
        }
        names = sorted(p.stem for p in (self.top / "posteriors").glob("*.json"))
        return [n for n in names if self.posterior(n).get("reference_posterior_name") in found]

    def _unzipped(self, source, name):
        path = self.scratch / name
        if not source.is_file():
            return None
        if not path.is_file():
            with zipfile.ZipFile(source) as archive:
                inside = [
                    n for n in archive.namelist() if n.endswith(".json") and not n.startswith("__")
                ]
                # Two threads may want the same file: it appears whole or not at all.
                made = path.with_suffix(f".{threading.get_ident()}")
                made.write_bytes(archive.read(inside[0]))
                made.replace(path)
        return path


def without_comments(text):
    """Stan text, comments replaced by a space each."""
    return re.sub(r"/\*.*?\*/|//[^\n]*", " ", text, flags=re.S)


def parameter_types(text):
    """The types that are declared in the parameters block of Stan text, as a set of words."""
    text = without_comments(text)
    start = re.search(r"(?<!transformed )(?<!\w)parameters\s*{", re.sub(r"\s+", " ", text))
    if not start:
        return set()
    text = re.sub(r"\s+", " ", text)[start.end() :]
    depth, end = 1, 0
    while depth and end < len(text):
        depth += {"{": 1, "}": -1}.get(text[end], 0)
        end += 1
    return {m.group(1) for m in DECLARATION.finditer(text[: end - 1])}


def run(command, seconds):
    """Runs a command without standard input; (status, out, err), status None when time ran out."""
    try:
        done = subprocess.run(
            [str(c) for c in command],
            stdin=subprocess.DEVNULL,
            text=True,
            errors="replace",
            capture_output=True,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired:
        return None, "", f"no answer within {seconds} s"
    return done.returncode, done.stdout, done.stderr


def first_error(status, err):
    """The line of standard error that says what was wrong, without program and folders."""
    lines = [line.strip() for line in err.splitlines() if line.strip()]
    chosen = next((line for line in lines if "error: " in line), lines[0] if lines else "")
    chosen = re.sub(r"^masting: (error: )?", "", chosen)
    chosen = re.sub(r"(?<![\w.])(?:\.{0,2}/[\w.+-]+)+/", "", chosen)
    if status is not None and status < 0:
        return f"signal {-status}" + (f": {chosen}" if chosen else "")
    return chosen or f"exit status {status}"


def reason_of(text):
    """An error's kind: the message without file, place and numbers, so that like ones count
    together."""
    text = re.sub(r"^[\w.+/-]+\.(?:stan|json|c)(?::\d+)*(?:-\d+)?:\s*", "", text)
    text = re.sub(r"\b\d+(?:\.\d+)?\b", "#", text)
    return text[:100]
